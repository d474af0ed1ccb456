// HTTP as values: what gate/http sends and what it got. Core code makes and reads them.
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

/// How a transfer ended that brought no answer.
enum class Lost {
  no,          ///< there is an answer
  not_sent,    ///< no connection was made: the server cannot have done anything
  maybe_done,  ///< broke, or took too long, after the request may have arrived
  refused,     ///< by us, for good: too long an answer, a redirect to where we do not go
};

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  Lost lost = Lost::no;
  std::string problem;  ///< why it was lost, in words
};

}  // namespace perfgate
