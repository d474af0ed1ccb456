// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/driver.h"

#include <dlfcn.h>

namespace perfgate {
namespace {

template <class Function>
Function driver_function(const char* name) {
  static void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
  return library != nullptr ? reinterpret_cast<Function>(dlsym(library, name)) : nullptr;
}

}  // namespace

CUcontext current_context() {
  static const auto get = driver_function<CUresult (*)(CUcontext*)>("cuCtxGetCurrent");
  CUcontext context = nullptr;
  return get != nullptr && get(&context) == CUDA_SUCCESS ? context : nullptr;
}

void set_context(CUcontext context) {
  static const auto set = driver_function<CUresult (*)(CUcontext)>("cuCtxSetCurrent");
  if (set != nullptr) set(context);
}

bool synchronize_context() {
  static const auto synchronize = driver_function<CUresult (*)()>("cuCtxSynchronize");
  return synchronize != nullptr && synchronize() == CUDA_SUCCESS;
}

int current_device() {
  static const auto get = driver_function<CUresult (*)(CUdevice*)>("cuCtxGetDevice");
  CUdevice device = 0;
  return get != nullptr && get(&device) == CUDA_SUCCESS ? device : 0;
}

}  // namespace perfgate
