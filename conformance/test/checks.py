"""Results beside what they should be."""
import sys

failures = 0


def check(what, got, expected):
    global failures
    if got != expected:
        failures += 1
        print(f"{what}:\n  got      {got!r:.500}\n  expected {expected!r:.500}")


def finish():
    """Ends the program; its exit status says whether all was as expected."""
    sys.exit(f"{failures} failures" if failures else 0)
