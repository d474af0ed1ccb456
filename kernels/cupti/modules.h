// SPDX-License-Identifier: Apache-2.0
// Learns the code of the kernels that this process loads, module by module, through CUPTI's
// callback for loaded modules.
//
// Hazard: CUPTI reports a module once, when it is loaded, and libraries load a module with the
// first launch of a kernel in it. So the order is
//
//   Modules modules;                 // 1. before anything is loaded: first thing in the process
//   load, launch, measure, ...       // 2.
//   modules.code(kernel.name)        // 3. after the launch, while `modules` still lives
//
// A process can have one subscriber to CUPTI's callbacks. A Timeline is not a subscriber, so the
// two go together; a second Modules, or a process under nsys, ncu or cuda-gdb, finds the place
// taken and knows no code. That is not an error: the code explains a measurement but is not one.
#pragma once

#include <memory>
#include <string>

namespace perfgate {

/// Listens from construction to destruction.
class Modules {
 public:
  /// Throws DeviceError without a GPU.
  Modules();
  ~Modules();
  Modules(const Modules&) = delete;
  Modules& operator=(const Modules&) = delete;

  /// Returns the hash of a function's machine code as 16 hex digits (cubin.h), "" when it is not
  /// known: CUPTI did not report its module, or two modules have different code under this name.
  std::string code(const std::string& mangled_name) const;

 private:
  struct Listener;
  std::unique_ptr<Listener> m_listener;
};

}  // namespace perfgate
