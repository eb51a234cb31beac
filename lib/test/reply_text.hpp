// What servers put behind the code of a reply, and no grammar has: tests play each in every place of a dialogue.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postel::test {

struct reply_text {
  std::string_view name;
  std::string octets;
};

inline const std::vector<reply_text>& reply_texts() {
  static const std::vector<reply_text> all = {
      {"nothing", ""},
      {"utf8", "re\xC3\xA7u"},
      {"latin1", "re\xE7u"},
      {"gbk", "\xC3\xDC\xC2\xEB\xB4\xED\xCE\xF3"},
      {"cut_utf8", "re\xC3"},
      {"surrogate", "\xED\xA0\x80"},
      {"next_line",
       "a\xC2\x85"
       "b\xE2\x80\xA8"
       "c"},
      {"bell", "\a\a"},
      {"escape", "\x1B]0;title\a\x1B[2J"},
      {"nul", std::string("a\0b", 3)},
      {"del", "\x7F"},
      {"cr", "a\rb"},
      {"leading_cr", "\rb"},
      {"cr_cr_lf", "ok\r"},
      {"looks_like_a_reply", "550-5.1.1 554 \r250 "},
      {"all_octets",
       [] {
         std::string octets;
         for (int octet = 0; octet < 256; ++octet)
           if (octet != '\n') octets += static_cast<char>(octet);
         return octets;
       }()},
      {"600_octets", std::string(600, 'x')},
  };
  return all;
}

// Scripts mark with "%" where a text stands. The script with the text at that mark, counted from 0, and "ok" at the others.
inline std::string with_text(std::string_view script, std::size_t mark, std::string_view text) {
  std::string made;
  std::size_t seen = 0;
  for (const char c : script) {
    if (c != '%')
      made += c;
    else
      made += seen++ == mark ? text : "ok";
  }
  return made;
}

inline std::size_t count_marks(std::string_view script) {
  std::size_t marks = 0;
  for (const char c : script) marks += c == '%' ? 1U : 0U;
  return marks;
}

} // namespace postel::test
