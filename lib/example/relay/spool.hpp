// Where messages wait: one folder, one file a message, and nothing of them in memory. A file:
//
//   postel-relay 1
//   ARRIVED 1763980000                          seconds since 1970
//   MAIL FROM:<ann@example.org> RET=HDRS        as postel::append() writes commands: there is no second grammar
//   W RCPT TO:<bob@example.org> NOTIFY=NEVER    W waiting, D done with: the only octet that ever changes
//                                               (an empty line)
//   Received: ...                               the message
//
// It is written as ID.new and synchronised, then renamed to ID, then the folder is synchronised: from there on the message survives a loss of
// power, and not before that is it answered with 250 (RFC 5321 4.2.5, 6.1). ID.new left behind was never answered: it is removed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postel/command.hpp"

namespace relay {

// Closes what it holds.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor();

  [[nodiscard]] int get() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }

 private:
  int number_ = -1;
};

// Appends a line of the envelope. False, and nothing appended, if the path or the parameters can't be written.
bool add_sender(std::string& envelope, postel::path from, std::string_view parameters);
bool add_recipient(std::string& envelope, postel::path to, std::string_view parameters);

// A message that is being written. One that is not committed leaves nothing behind.
class draft {
 public:
  draft(draft&&) noexcept = default;
  draft& operator=(draft&&) = delete;
  ~draft();

  // False, and so from there on, if the disk takes no more.
  bool write(std::string_view octets);
  // The message is there for good if this is true. It takes as long as the disk: not to be called where others wait.
  bool commit();

  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] std::int64_t arrived() const noexcept { return arrived_; }

 private:
  friend class spool;
  draft(int folder, descriptor file, std::string id, std::int64_t arrived) noexcept
      : folder_(folder), file_(std::move(file)), id_(std::move(id)), arrived_(arrived) {}
  bool flush();

  int folder_;
  descriptor file_; // none once it was committed
  std::string id_;
  std::int64_t arrived_;
  std::string buffer_;
  bool failed_ = false;
};

// A message of the spool, as a map of its file: what is read of it is read from the disk's cache.
class stored {
 public:
  struct recipient {
    postel::path to;
    std::string_view parameters;
    std::size_t state_at; // in the file
    bool done;
  };

  stored(const stored&) = delete;
  stored& operator=(const stored&) = delete;
  ~stored();

  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] std::int64_t arrived() const noexcept { return arrived_; }
  [[nodiscard]] const postel::path& from() const noexcept { return from_; }
  [[nodiscard]] postel::mail_parameters parameters() const noexcept { return parameters_; }
  [[nodiscard]] const std::vector<recipient>& recipients() const noexcept { return recipients_; }
  [[nodiscard]] std::string_view message() const noexcept { return message_; }

  // Marks recipients as done with, for good; if none is left the file is removed. False if the disk refuses a mark or the removal: to be
  // called again, of this message or one that is loaded anew, with the same recipients.
  bool done_with(const std::vector<std::size_t>& which);
  [[nodiscard]] bool all_done() const noexcept;

 private:
  friend class spool;
  stored() = default;
  bool parse(std::string& why);

  int folder_ = -1;
  descriptor file_;
  std::string id_;
  std::string_view map_;
  std::int64_t arrived_ = 0;
  postel::path from_;
  postel::mail_parameters parameters_;
  std::vector<recipient> recipients_;
  std::string_view message_;
};

// When the message with this name arrived, in seconds since 1970: for who can't read the file.
std::int64_t arrival_of(std::string_view id);

class spool {
 public:
  // Makes the folder if there is none. Fails, and why says so, if another relay uses it.
  bool open(const std::string& folder, std::string& why);
  // What is there, in the order of arrival; removes what was half written. Nothing, and why says so, if the folder can't be read.
  std::optional<std::vector<std::string>> resume(std::string& why);

  // envelope: as add_sender() and add_recipient() made it. Nothing if the disk refuses.
  std::optional<draft> begin(std::string_view envelope);
  // Why a message can't be loaded.
  struct problem {
    std::string why;
    bool for_good; // it is gone, or no message of ours. If not, it is worth another try: descriptors are short, say
  };
  std::unique_ptr<stored> load(const std::string& id, problem& what) const;

 private:
  descriptor folder_;
  descriptor lock_;
};

} // namespace relay
