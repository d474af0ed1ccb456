// SPDX-License-Identifier: Apache-2.0
#include "gate/program/kernel_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "gate/program/case_text.h"

namespace perfgate {

namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::string_view unnamed = "unnamed";
constexpr std::size_t longest_part = 150;  // bytes, of the 400 that an id may have

// Namespaces without a name, as the demanglers of GCC and CUPTI write them; the compiler's own
// names for them (_GLOBAL__N__<hash>…) go with the hash.
constexpr std::array<std::string_view, 3> anonymous{
    "(anonymous namespace)::", "<unnamed>::", "{anonymous}::"};
constexpr std::array<std::string_view, 3> hashed_namespaces{"_GLOBAL__N_", "_INTERNAL_",
                                                            "_NV_ANON_NAMESPACE"};

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '$';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void erase_all(std::string& text, std::string_view piece) {
  for (std::size_t at = text.find(piece); at != npos; at = text.find(piece, at))
    text.erase(at, piece.size());
}

/// Erases each `_GLOBAL__N__…::`: from the mark to the end of its name and the colons.
void erase_namespace(std::string& text, std::string_view mark) {
  for (std::size_t at = text.find(mark); at != npos; at = text.find(mark, at)) {
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    if (text.compare(end, 2, "::") != 0 || (at > 0 && is_word(text[at - 1])))
      at = end;
    else
      text.erase(at, end + 2 - at);
  }
}

std::string without_anonymous(std::string_view name) {
  std::string text(name);
  for (const std::string_view piece : anonymous) erase_all(text, piece);
  for (const std::string_view mark : hashed_namespaces) erase_namespace(text, mark);
  return text;
}

/// Length of the operator at the front of `text` when its symbol has brackets, which open nothing:
/// "operator()", "operator<<". 0 otherwise.
std::size_t operator_length(std::string_view text) {
  constexpr std::string_view word = "operator";
  if (!text.starts_with(word)) return 0;
  constexpr std::array<std::string_view, 13> symbols{"()", "[]", "<=>", "<<=", ">>=", "->*", "<<",
                                                     ">>", "<=", ">=",  "->",  "<",   ">"};
  const std::string_view behind = text.substr(word.size());
  for (const std::string_view symbol : symbols)
    if (behind.starts_with(symbol)) return word.size() + symbol.size();
  return 0;
}

/// Where the brackets that open at `begin` close; npos when they don't. In `a->b` the '>' closes
/// nothing, and neither does one within parentheses.
std::size_t closing(std::string_view text, std::size_t begin) {
  std::string open;
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    const bool opens_arguments = c == '<' && (open.empty() || open.back() == '<');
    if (opens_arguments || c == '(' || c == '[' || c == '{') {
      open += c;
    } else if (c == '>') {
      if (i > 0 && text[i - 1] == '-') continue;
      if (!open.empty() && open.back() == '<') open.pop_back();
    } else if (c == ')' || c == ']' || c == '}') {
      while (!open.empty() && open.back() == '<') open.pop_back();
      if (!open.empty()) open.pop_back();
    }
    if (open.empty()) return i;
  }
  return npos;
}

/// Copies the name up to its parameters, without template arguments.
std::string without_arguments(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins_word = i == 0 || !is_word(text[i - 1]);
    if (const std::size_t length = begins_word ? operator_length(text.substr(i)) : 0; length > 0) {
      out += text.substr(i, length);
      i += length - 1;
      continue;
    }
    const bool type_of = out.ends_with("decltype") || out.ends_with("decltype ");
    if (text[i] == '(' && !out.empty() && !type_of) break;
    if (text[i] == '<' || (text[i] == '(' && type_of)) {
      i = closing(text, i);
      if (i == npos) break;
      continue;
    }
    out += text[i];
  }
  return out;
}

void trim(std::string& text) {
  while (text.ends_with(' ')) text.pop_back();
  while (text.starts_with(' ')) text.erase(0, 1);
}

/// Cuts the return type: what stands before the last space, unless an operator's own type follows.
void cut_return_type(std::string& text) {
  const std::size_t conversion = text.rfind("operator ");
  std::size_t space = text.rfind(' ');
  if (conversion != npos && (conversion == 0 || !is_word(text[conversion - 1])))
    space = conversion == 0 ? npos : text.rfind(' ', conversion - 1);
  if (space != npos) text.erase(0, space + 1);
  while (text.size() > 1 && (text.front() == '*' || text.front() == '&')) text.erase(0, 1);
}

}  // namespace

std::string function_name(std::string_view demangled) {
  if (demangled.starts_with("_Z")) return std::string(demangled);
  const std::size_t clone = demangled.find(" [clone");
  std::string text = without_arguments(without_anonymous(demangled.substr(0, clone)));
  trim(text);
  cut_return_type(text);
  trim(text);
  if (text.empty()) text = demangled;
  return text.empty() ? std::string(unnamed) : text;
}

std::string base_name(std::string_view demangled) {
  std::string name = function_name(demangled);
  const std::size_t oper = name.rfind("operator");
  const std::size_t colons = name.rfind("::", oper == npos ? npos : oper);
  if (colons != npos && colons + 2 < name.size()) name.erase(0, colons + 2);
  return name;
}

namespace {

// Kernels that only call what they are given: the first template argument names the work.
constexpr std::array<std::string_view, 6> wrappers{"cutlass::Kernel",
                                                   "cutlass::Kernel2",
                                                   "cutlass::device_kernel",
                                                   "cutlass::device_kernel2",
                                                   "flash::enable_sm90_or_later",
                                                   "flash::enable_sm80_to_sm89"};

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

template <class Of>
bool all(std::string_view text, Of of) {
  return std::all_of(text.begin(), text.end(), of);
}

/// Triton's signature: which arguments are divisible by 16, equal to 1, constant ("0d1d2de3c").
bool is_triton_signature(std::string_view tail) {
  return tail.size() >= 3 && tail.starts_with('0') && tail.find('d') != npos &&
         all(tail, [](char c) { return is_digit(c) || c == 'd' || c == 'e' || c == 'c'; });
}

/// Types of operands ("bf16bf16f32"), which are hexadecimal digits too.
bool are_types(std::string_view tail) {
  while (!tail.empty()) {
    if (tail.front() == 'b') tail.remove_prefix(1);
    if (!tail.starts_with('f')) return false;
    const std::size_t end = tail.find_first_not_of("0123456789", 1);
    if (end == 1 || tail.size() == 1) return false;
    tail.remove_prefix(std::min(end, tail.size()));
  }
  return true;
}

/// Eight hexadecimal digits or more with both digits and letters: neither a number nor a word.
bool is_hash(std::string_view tail) {
  return tail.size() >= 8 && !are_types(tail) && all(tail, is_hex) && !all(tail, is_digit) &&
         std::any_of(tail.begin(), tail.end(), is_digit);
}

/// Length without one tail that a compiler appended; the whole length when there is none.
std::size_t without_tail(std::string_view name, bool numbered) {
  if (const std::size_t dot = name.rfind('.'); dot != npos) {
    const std::string_view tail = name.substr(dot + 1);
    constexpr std::array<std::string_view, 4> known{"kd", "cold", "part", "isra"};
    if (all(tail, is_digit) || std::find(known.begin(), known.end(), tail) != known.end())
      return dot;
  }
  const std::size_t under = name.rfind('_');
  if (under == npos) return name.size();
  const std::string_view tail = name.substr(under + 1);
  const bool number = numbered && !tail.empty() && all(tail, is_digit);
  return number || is_hash(tail) || is_triton_signature(tail) ? under : name.size();
}

/// The first template argument of the name, "" when there is none or it does not end.
std::string_view first_argument(std::string_view demangled, std::string_view wrapper) {
  const std::size_t begin = demangled.find(std::string(wrapper) + "<");
  if (begin == npos) return "";
  const std::size_t open = begin + wrapper.size();
  const std::size_t end = closing(demangled, open);
  if (end == npos) return "";
  std::size_t comma = open + 1;
  while (comma < end && demangled[comma] != ',') {
    const std::size_t close = demangled[comma] == '<' ? closing(demangled, comma) : comma;
    comma = close == npos ? end : close + 1;
  }
  return demangled.substr(open + 1, std::min(comma, end) - open - 1);
}

std::string unwrapped(std::string_view demangled) {
  for (;;) {
    std::string name = function_name(demangled);
    if (std::find(wrappers.begin(), wrappers.end(), name) == wrappers.end()) return name;
    const std::string_view argument = first_argument(demangled, name);
    if (argument.find_first_not_of(' ') == npos) return name;
    demangled = argument;  // shorter each time
  }
}

}  // namespace

std::string operator_name(std::string_view demangled) {
  std::string name = unwrapped(demangled);
  if (name.starts_with("_Z")) return name;
  bool numbered = name.starts_with("triton_");
  for (std::size_t length = without_tail(name, numbered); length != name.size() && length > 0;
       length = without_tail(name, numbered)) {
    // One running number is Inductor's; a second one is part of the name.
    const std::string_view tail = std::string_view(name).substr(length);
    numbered = numbered && !(tail[0] == '_' && all(tail.substr(1), is_digit));
    name.resize(length);
  }
  return name;
}

std::vector<std::string> launch_parts(std::span<const std::string> operators) {
  std::map<std::string_view, std::size_t> total, seen;
  for (const std::string& name : operators) ++total[name];
  std::vector<std::string> parts;
  for (const std::string& name : operators) {
    const std::string part = case_text(name.empty() ? unnamed : name, longest_part);
    parts.push_back(total[name] == 1 ? part : fmt::format("{}#{}", part, ++seen[name]));
  }
  return parts;
}

}  // namespace perfgate
