#include "case/files.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <map>

#include "text/text_file.hpp"

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

std::string_view extension_of(side tested) {
  return tested == side::client ? ".client" : ".case";
}

// The preludes that every case of the folder may use; none if it has no such file.
std::variant<preludes, std::string> load_preludes(const fs::path& folder) {
  const std::string file = (folder / "preludes").string();
  std::error_code error;
  if (!fs::exists(file, error)) return preludes();
  auto content = read_text_file(file);
  if (auto* wrong = std::get_if<file_error>(&content)) return wrong->sentence;
  auto parsed = parse_preludes(file, std::get<std::string>(content));
  if (auto* wrong = std::get_if<diagnostic>(&parsed)) return wrong->text();
  return std::get<preludes>(std::move(parsed));
}

} // namespace

std::variant<std::vector<test_case>, std::string> load_cases(const fs::path& folder, side tested) {
  const std::string_view extension = extension_of(tested);
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
  auto shared = load_preludes(folder);
  if (auto* wrong = std::get_if<std::string>(&shared)) return *std::move(wrong);

  std::vector<test_case> all;
  std::map<std::string, std::string, std::less<>> seen; // id -> where
  for (const std::string& file : files) {
    const std::string shown = (folder / file).string() + std::string(extension);
    auto content = read_text_file(shown);
    if (auto* sentence = std::get_if<file_error>(&content)) return sentence->sentence;
    auto parsed = parse_cases(shown, std::get<std::string>(content), std::get<preludes>(shared));
    if (auto* wrong = std::get_if<diagnostic>(&parsed)) return wrong->text();
    for (test_case& each : std::get<std::vector<test_case>>(parsed)) {
      const auto at_header = [&](std::string message) {
        diagnostic wrong{shown, each.line, 4, std::move(message), {}};
        wrong.source = fmt::format("== {}", each.id);
        return wrong.text();
      };
      if (const std::string home = fmt::format("{}/{}", each.document(), each.section()); home != file)
        return at_header(fmt::format("expected this case in the file {}{}", home, extension));
      if (side_of(each.role) != tested)
        return at_header(fmt::format("expected this case in a file *{}: it is for a {}",
                                     extension_of(side_of(each.role)), name(each.role)));
      const auto [first, fresh] = seen.emplace(each.id, fmt::format("{}:{}", shown, each.line));
      if (!fresh) return at_header(fmt::format("expected another id: this one is taken at {}", first->second));
      all.push_back(std::move(each));
    }
  }
  return all;
}

bool selected(std::string_view id, const std::vector<std::string>& globs) {
  return globs.empty() || std::any_of(globs.begin(), globs.end(), [text = std::string(id)](const std::string& glob) {
           return fnmatch(glob.c_str(), text.c_str(), 0) == 0;
         });
}

} // namespace postel::conformance
