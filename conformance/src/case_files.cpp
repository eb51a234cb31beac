#include "case_files.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <map>

#include "text_file.hpp"

namespace postel::conformance {

namespace fs = std::filesystem;

fs::path default_case_folder() {
  std::error_code error;
  const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path installed = (here / POSTEL_CASES_FROM_TOOL).lexically_normal();
  for (const fs::path& folder : {installed, here / "cases"})
    if (fs::is_directory(folder, error)) return folder;
  return installed;
}

namespace {

// Orders 4.1.1.2 before 4.1.1.10: runs of digits compare as numbers.
bool by_number(const std::string& a, const std::string& b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      const auto run = [&](const std::string& text, std::size_t& at) {
        const std::size_t start = at;
        while (at < text.size() && digit(text[at])) ++at;
        return std::string_view(text).substr(start, at - start);
      };
      const std::string_view left = run(a, i);
      const std::string_view right = run(b, j);
      if (left.size() != right.size()) return left.size() < right.size();
      if (left != right) return left < right;
    } else {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
    }
  }
  return a.size() - i < b.size() - j;
}

const test_case& about(const test_case& the_case) {
  return the_case;
}
const test_case& about(const client_case& the_case) {
  return the_case.about;
}

template <typename Case>
std::variant<std::vector<Case>, std::string> load(
    const fs::path& folder, std::string_view extension,
    std::variant<std::vector<Case>, diagnostic> (*parse)(std::string_view, std::string_view)) {
  std::vector<std::string> files; // without the extension
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (at->path().extension() == extension) {
      const std::string file = at->path().lexically_relative(folder).string();
      files.push_back(file.substr(0, file.size() - extension.size()));
    }
  if (error) {
    const bool lost = error == std::errc::no_such_file_or_directory;
    const char* const remedy =
        "--cases DIR says where they are; they come with the tool, in conformance/cases of its source";
    return fmt::format("{}: {}\n{}", folder.string(), error.message(),
                       lost ? fmt::format("No cases there. {}.\n", remedy) : "");
  }
  if (files.empty()) return fmt::format("{}: no case files (*{}) in it\n", folder.string(), extension);
  std::sort(files.begin(), files.end(), by_number);

  std::vector<Case> all;
  std::map<std::string, std::string, std::less<>> seen; // id -> where
  for (const std::string& file : files) {
    const std::string shown = (folder / file).string() + std::string(extension);
    auto content = read_text_file(shown);
    if (auto* sentence = std::get_if<file_error>(&content)) return sentence->sentence;
    const std::string& text = std::get<std::string>(content);
    auto parsed = parse(shown, text);
    if (auto* wrong = std::get_if<diagnostic>(&parsed)) return wrong->text();
    for (Case& one : std::get<std::vector<Case>>(parsed)) {
      const test_case& each = about(one);
      const auto at_header = [&](std::string message) {
        diagnostic wrong{shown, each.line, 4, std::move(message), {}};
        wrong.source = fmt::format("== {}", each.id);
        return wrong.text();
      };
      if (const std::string home = fmt::format("{}/{}", each.document(), each.section()); home != file)
        return at_header(fmt::format("expected this case in the file {}{}", home, extension));
      const auto [first, fresh] = seen.emplace(each.id, fmt::format("{}:{}", shown, each.line));
      if (!fresh) return at_header(fmt::format("expected another id: this one is taken at {}", first->second));
      all.push_back(std::move(one));
    }
  }
  return all;
}

} // namespace

std::variant<std::vector<test_case>, std::string> load_cases(const fs::path& folder) {
  return load<test_case>(folder, ".case", parse_cases);
}

std::variant<std::vector<client_case>, std::string> load_client_cases(const fs::path& folder) {
  return load<client_case>(folder, ".client", parse_client_cases);
}

bool selected(std::string_view id, const std::vector<std::string>& globs) {
  return globs.empty() || std::any_of(globs.begin(), globs.end(), [text = std::string(id)](const std::string& glob) {
           return fnmatch(glob.c_str(), text.c_str(), 0) == 0;
         });
}

} // namespace postel::conformance
