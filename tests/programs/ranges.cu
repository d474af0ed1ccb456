// SPDX-License-Identifier: Apache-2.0
// A CUDA program with every kind of range that perfgate tells apart, by its argument; `ranges list`
// prints them. It counts its own launches by range, and prints them at its end as lines "launched
// RANGE KERNELS", of which tests/gpu/program_cases wants to see every one. CUDA_INJECTION64_PATH
// and NVTX_INJECTION64_PATH are all that perfgate adds to it.
#include <cuda_runtime.h>
#include <dlfcn.h>
#include <nvtx3/nvToolsExt.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

extern char** environ;

namespace {

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  std::fprintf(stderr, "ranges: %s: %s\n", what, cudaGetErrorString(status));
  std::exit(1);
}

constexpr int elements = 1 << 22;

__global__ void scale(float* data, float factor) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < elements) data[i] *= factor;
}

__global__ void shift(float* data, float by) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < elements) data[i] += by;
}

/// Waits until `flag` is set, which only a later kernel does.
__global__ void wait_for(const volatile int* flag) {
  while (*flag == 0) {
  }
}

__global__ void set(int* flag) {
  *flag = 1;
}

struct Work {
  float* data = nullptr;
  int* flag = nullptr;
  cudaStream_t first = nullptr, second = nullptr;
  std::map<std::string, int> launched;  ///< by range, what the program itself launched

  Work() {
    check(cudaMalloc(&data, elements * sizeof(float)), "cudaMalloc");
    check(cudaMalloc(&flag, sizeof(int)), "cudaMalloc");
    check(cudaMemset(data, 0, elements * sizeof(float)), "cudaMemset");
    check(cudaStreamCreateWithFlags(&first, cudaStreamNonBlocking), "cudaStreamCreate");
    check(cudaStreamCreateWithFlags(&second, cudaStreamNonBlocking), "cudaStreamCreate");
  }

  void run_scale(const char* range, cudaStream_t stream = nullptr) {
    scale<<<elements / 256, 256, 0, stream>>>(data, 1.5f);
    check(cudaGetLastError(), "scale");
    ++launched[range];
  }
  void run_shift(const char* range, cudaStream_t stream = nullptr) {
    shift<<<elements / 256, 256, 0, stream>>>(data, 0.5f);
    check(cudaGetLastError(), "shift");
    ++launched[range];
  }
  void wait() { check(cudaDeviceSynchronize(), "cudaDeviceSynchronize"); }
  void print() const {
    for (const auto& [range, kernels] : launched)
      std::printf("launched %s %d\n", range.c_str(), kernels);
    std::fflush(stdout);
  }
};

constexpr int steps = 64;

/// Two kernels outside, three in "outer", two of these in "inner".
void nested(Work& work) {
  for (int step = 0; step < steps; ++step) {
    work.run_scale("-");
    nvtxRangePushA("outer");
    work.run_scale("outer");
    nvtxRangePushA("inner");
    work.run_scale("inner");
    work.run_shift("inner");
    nvtxRangePop();
    nvtxRangePop();
    work.run_shift("-");
    work.wait();
  }
}

/// Two kernels that overlap on two streams.
void streams(Work& work) {
  for (int step = 0; step < steps; ++step) {
    nvtxRangePushA("step");
    work.run_scale("step", work.first);
    work.run_shift("step", work.second);
    work.run_scale("step", work.first);
    nvtxRangePop();
    work.wait();
  }
}

/// A graph that is captured in one range and launched in another: three kernels a launch.
void graph(Work& work) {
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t ready = nullptr;
  nvtxRangePushA("capture");
  check(cudaStreamBeginCapture(work.first, cudaStreamCaptureModeThreadLocal), "capture");
  work.run_scale("captured", work.first);
  work.run_shift("captured", work.first);
  work.run_scale("captured", work.first);
  check(cudaStreamEndCapture(work.first, &graph), "capture");
  nvtxRangePop();
  check(cudaGraphInstantiate(&ready, graph, 0), "cudaGraphInstantiate");
  for (int step = 0; step < steps; ++step) {
    nvtxRangePushA("replay");
    check(cudaGraphLaunch(ready, work.first), "cudaGraphLaunch");
    work.launched["replay"] += 3;
    nvtxRangePop();
    work.wait();
  }
}

/// Programmatic dependent launch: the second kernel may start before the first one's end.
void overlap(Work& work) {
  for (int step = 0; step < steps; ++step) {
    nvtxRangePushA("step");
    work.run_scale("step", work.first);
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(elements / 256);
    config.blockDim = dim3(256);
    config.stream = work.first;
    cudaLaunchAttribute attribute{};
    attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attribute.val.programmaticStreamSerializationAllowed = 1;
    config.attrs = &attribute;
    config.numAttrs = 1;
    check(cudaLaunchKernelEx(&config, shift, work.data, 0.5f), "cudaLaunchKernelEx");
    ++work.launched["step"];
    nvtxRangePop();
    work.wait();
  }
}

/// A start/end range that begins here, and launches and ends on another thread.
void threads(Work& work) {
  for (int step = 0; step < steps; ++step) {
    const nvtxRangeId_t id = nvtxRangeStartA("request");
    std::thread worker([&] {
      work.run_scale("request");
      work.run_shift("request");
      nvtxRangeEnd(id);
    });
    worker.join();
    work.wait();
  }
}

/// Ranges of two domains that cross each other, with a registered and a wide string.
void domains(Work& work) {
  nvtxDomainHandle_t engine = nvtxDomainCreateA("engine");
  nvtxEventAttributes_t attributes{};
  attributes.version = NVTX_VERSION;
  attributes.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
  attributes.messageType = NVTX_MESSAGE_TYPE_REGISTERED;
  attributes.message.registered = nvtxDomainRegisterStringA(engine, "step");
  for (int step = 0; step < steps; ++step) {
    nvtxRangePushW(L"whole");
    work.run_scale("whole");
    nvtxDomainRangePushEx(engine, &attributes);
    work.run_shift("engine@step");
    nvtxRangePop();  // the default domain's "whole"
    work.run_shift("engine@step");
    nvtxDomainRangePop(engine);
    work.wait();
  }
}

void without_nvtx(Work& work) {
  for (int step = 0; step < steps; ++step) {
    work.run_scale("scale");
    work.run_shift("shift");
    work.wait();
  }
}

/// The first kernel of the range waits for the second one, on another stream.
void waits(Work& work) {
  // A kernel is loaded by its first launch, which would wait for the kernel that waits for it.
  set<<<1, 1>>>(work.flag);
  for (int step = 0; step < steps; ++step) {
    check(cudaMemset(work.flag, 0, sizeof(int)), "cudaMemset");
    work.wait();
    nvtxRangePushA("step");
    wait_for<<<1, 1, 0, work.first>>>(work.flag);
    set<<<1, 1, 0, work.second>>>(work.flag);
    work.launched["step"] += 2;
    nvtxRangePop();
    work.wait();
  }
}

void sigterm(Work& work) {
  nested(work);
  work.print();
  std::raise(SIGTERM);
}

void killed(Work& work) {
  for (int step = 0; step < 10; ++step) {
    nvtxRangePushA("outer");
    work.run_scale("outer");
    nvtxRangePop();
    work.wait();
  }
  work.print();
  std::raise(SIGKILL);
}

/// Subscribes to CUPTI before CUDA starts, as a profiler inside a program may.
void subscribe_first() {
  void* cupti = dlopen("libcupti.so", RTLD_NOW);
  if (!cupti) cupti = dlopen("libcupti.so.13", RTLD_NOW);
  using Subscribe = int (*)(void**, void (*)(void*, int, unsigned, const void*), void*);
  const auto subscribe =
      cupti ? reinterpret_cast<Subscribe>(dlsym(cupti, "cuptiSubscribe")) : nullptr;
  if (!subscribe) {
    std::fprintf(stderr, "ranges: no libcupti to subscribe to\n");
    std::exit(1);
  }
  void* subscriber = nullptr;
  const int status = subscribe(
      &subscriber, [](void*, int, unsigned, const void*) {}, nullptr);
  std::printf("the program's own cuptiSubscribe: %d\n", status);
}

void floods(Work& work) {
  const std::string line(1023, 'x');
  for (int i = 0; i < 64 * 1024; ++i) std::puts(line.c_str());
  nested(work);
}

struct Mode {
  const char* name;
  void (*run)(Work&);
  const char* what;
  void (*first)() = nullptr;  ///< before CUDA is initialised
};
constexpr Mode modes[] = {
    {"nested", nested, "push/pop ranges inside each other"},
    {"streams", streams, "two streams in one range"},
    {"graph", graph, "a graph that is captured in one range and launched in another"},
    {"overlap", overlap, "programmatic dependent launch"},
    {"threads", threads, "a start/end range that ends on another thread"},
    {"domains", domains, "ranges of two domains that cross, registered and wide strings"},
    {"without-nvtx", without_nvtx, "no range at all"},
    {"waits", waits, "a kernel that waits for a later one on another stream"},
    {"sigterm", sigterm, "ends itself by SIGTERM"},
    {"killed", killed, "ends itself by SIGKILL after ten steps"},
    {"profiles-itself", nested, "subscribes to CUPTI before CUDA starts, then nested",
     subscribe_first},
    {"floods", floods, "64 MB of output, then nested"},
};

int run(const Mode& mode) {
  if (mode.first) mode.first();
  Work work;
  mode.run(work);
  work.print();
  return 0;
}

/// Runs `nested` in a child, and CUDA nowhere else: by fork alone, or in a new program.
int in_child(const char* self, bool spawned) {
  pid_t child = 0;
  if (spawned) {
    const char* arguments[] = {self, "nested", nullptr};
    if (posix_spawn(&child, self, nullptr, nullptr, const_cast<char**>(arguments), environ) != 0)
      return 1;
  } else {
    child = fork();
    if (child == 0) std::exit(run(modes[0]));
  }
  int status = 1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string wanted = argc == 2 ? argv[1] : "list";
  for (const Mode& mode : modes)
    if (wanted == mode.name) return run(mode);
  if (wanted == "fork" || wanted == "spawn") return in_child("/proc/self/exe", wanted == "spawn");
  if (wanted == "fork-after-cuda") {
    Work work;  // CUDA is dead in children of this process
    return in_child("/proc/self/exe", false);
  }
  for (const Mode& mode : modes) std::printf("%-16s %s\n", mode.name, mode.what);
  std::puts("fork             nested, in a forked child");
  std::puts("spawn            nested, in a spawned child");
  std::puts("fork-after-cuda  nested, in a child forked after CUDA was initialised");
  return wanted == "list" ? 0 : 2;
}
