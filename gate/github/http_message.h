// SPDX-License-Identifier: Apache-2.0
// HTTP messages as values: what gate/post/http sends and receives. Core code makes and reads them.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace perfgate {

struct HttpRequest {
  std::string method, url;
  std::vector<std::string> headers;  ///< "Name: value"; without the token
  std::string body;
};

/// How a transfer without an answer ended.
enum class Lost {
  no,          ///< there is an answer
  not_sent,    ///< no connection was made: the server cannot have done anything
  maybe_done,  ///< it broke or took too long after the request may have arrived
  refused,     ///< by us, for good: the answer is too long, or it redirects to a forbidden place
};

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  Lost lost = Lost::no;
  std::string problem;  ///< why it was lost, in words
};

}  // namespace perfgate
