// SPDX-License-Identifier: Apache-2.0
#include "tests/support/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

Terminal::Terminal(int columns) : m_screen(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
  std::array<char, 100> name{};
  if (m_screen < 0 || ::grantpt(m_screen) != 0 || ::unlockpt(m_screen) != 0 ||
      ::ptsname_r(m_screen, name.data(), name.size()) != 0)
    throw std::runtime_error("no pseudo terminal");
  m_path = name.data();
  m_program_end = ::open(m_path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios raw{};
  ::tcgetattr(m_program_end, &raw);
  ::cfmakeraw(&raw);  // a newline stays what it is
  ::tcsetattr(m_program_end, TCSANOW, &raw);
  const winsize size{50, static_cast<unsigned short>(columns), 0, 0};
  ::ioctl(m_program_end, TIOCSWINSZ, &size);
  // A terminal that is not read soon takes nothing more, and its writer would wait.
  m_reader = std::thread([this] {
    std::array<char, 4096> piece{};
    for (;;) {
      const ssize_t got = ::read(m_screen, piece.data(), piece.size());
      if (got <= 0) return;  // the last end of a program was closed
      m_text.append(piece.data(), static_cast<std::size_t>(got));
    }
  });
}

Terminal::~Terminal() {
  if (m_program_end >= 0) ::close(m_program_end);
  if (m_reader.joinable()) m_reader.join();
  ::close(m_screen);
}

std::string Terminal::text() {
  ::close(m_program_end);
  m_program_end = -1;
  m_reader.join();
  return m_text;
}
