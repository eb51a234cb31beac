// Strings to compare verdicts on: sentences drawn from an ABNF grammar, and mutations of them. Deterministic: a seed gives one sequence.

// xorshift128, seeded with a text.
export class Random {
  constructor(seed) {
    this.state = new Uint32Array(4).fill(0x9e3779b9);
    for (const [at, octet] of [...Buffer.from(seed)].entries()) this.state[at % 4] = Math.imul(this.state[at % 4] ^ octet, 0x01000193);
    for (let k = 0; k < 16; k += 1) this.next();
  }
  next() {
    const s = this.state;
    let t = s[3];
    t ^= t << 11;
    t ^= t >>> 8;
    s.copyWithin(1, 0, 3);
    s[0] = t ^ s[1] ^ (s[1] >>> 19);
    return s[0];
  }
  below(n) {
    return this.next() % n;
  }
  chance(percent) {
    return this.below(100) < percent;
  }
  of(list) {
    return list[this.below(list.length)];
  }
}

// A random sentence of rule, or nearly one: where a rule has predicates, some of what is drawn for it breaks them, and some repetitions are
// just beyond their bounds.
export function sentence(language, name, random) {
  const { rules } = language.grammar;
  const out = [];
  const draw = (rule, depth) => {
    const constrained = rule.opcodes.some(({ type }) => type === 12 || type === 13) && random.chance(70);
    const start = out.length;
    for (let tries = constrained ? 12 : 1; tries > 0; tries -= 1) {
      out.length = start;
      walk(rule, 0, depth);
      if (!constrained || language.accepts(rule.name, Uint8Array.from(out.slice(start)))) return;
    }
  };
  const walk = (rule, i, depth) => {
    const op = rule.opcodes[i];
    switch (op.type) {
      case 1: // ALT
        return walk(rule, random.of(op.children), depth);
      case 2: // CAT
        return op.children.forEach((child) => walk(rule, child, depth));
      case 3: { // REP
        let count = op.min;
        const most = Math.min(op.max, op.min + 24);
        const bounds = random.below(100);
        if (op.max > 1 && op.max !== Infinity && bounds < 24) count = bounds < 10 ? op.max + 1 : op.max;
        else if (op.min > 0 && bounds > 96) count = op.min - 1;
        else if (op.max === 1 && bounds > 97) count = 2;
        else if (depth < 24) while (count < most && random.chance(op.max === 1 ? 50 : depth < 6 ? 60 : 45)) count += 1;
        for (let k = 0; k < count; k += 1) walk(rule, i + 1, depth);
        return undefined;
      }
      case 4: // RNM
        return depth > 40 ? undefined : draw(rules[op.index], depth + 1);
      case 5: // TRG
        return void out.push(random.chance(15) ? random.of([op.min, op.max]) : op.min + random.below(op.max - op.min + 1));
      case 6: // TBS
        return void out.push(...op.string);
      case 7: { // TLS
        const upper = random.chance(60);
        for (const octet of op.string) {
          const letter = octet >= 0x61 && octet <= 0x7a;
          out.push(letter && (upper || random.chance(20)) ? octet - 0x20 : octet);
        }
        return undefined;
      }
      default:
        return undefined;
    }
  };
  draw(rules[language.index.get(name.toLowerCase())], 0);
  return Uint8Array.from(out);
}

const notable = [
  ...[...'@<>[](){}:;.,"\\/ \t\r\n=+-_!#%&*?~|^`\'0129afAFgzGZ\0\x7f'].map((c) => [c.charCodeAt(0)]),
  ...['\r\n', ' \r\n ', '::', ':0', ':1:', '..', '.0', '256', '255', '25', '00', '()', '(', '\\"', '""', '<>', '>,', 'IPv6:', '@a.b:', 'xn--'].map((s) => [
    ...Buffer.from(s),
  ]),
  ...['\u00e9', '\u07ff', '\u0800', '\u65e5', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'].map((s) => [...Buffer.from(s)]),
  [0xc0, 0xaf], [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0x80], [0xc3],
];

// text with one to three edits; other is another sentence of the same rule.
export function mutation(text, other, random) {
  let octets = [...text];
  const place = () => random.below(octets.length + 1);
  const span = (from) => from + 1 + random.below(Math.min(12, Math.max(1, octets.length - from)));
  const fresh = () => (random.chance(30) ? [random.below(256)] : random.of(notable));
  for (let edits = 1 + (random.chance(35) ? 1 : 0) + (random.chance(10) ? 1 : 0); edits > 0; edits -= 1) {
    const at = place();
    switch (random.below(9)) {
      case 0:
        octets.splice(at, 1);
        break;
      case 1:
        octets.splice(at, span(at) - at);
        break;
      case 2:
      case 3:
        octets.splice(at, 0, ...fresh());
        break;
      case 4:
      case 5:
        octets.splice(at, 1, ...fresh());
        break;
      case 6: // something once more, right behind itself or elsewhere
        octets.splice(random.chance(50) ? at : place(), 0, ...octets.slice(at, span(at)));
        break;
      case 7:
        if (at + 1 < octets.length) [octets[at], octets[at + 1]] = [octets[at + 1], octets[at]];
        break;
      default: // the head of one, the tail of the other
        octets = [...octets.slice(0, at), ...other.slice(random.below(other.length + 1))];
    }
  }
  return Uint8Array.from(octets.slice(0, 1500));
}
