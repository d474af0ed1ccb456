// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/tune.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "gate/util/stats.h"
#include "kernels/cuda/stream.h"
#include "kernels/cupti/timeline.h"
#include "kernels/cupti/trace_checks.h"
#include "kernels/decode/decode_state.h"
#include "kernels/decode/stage_turns.h"
#include "kernels/decode/timing.h"
#include "kernels/decode/workload_cases.h"

namespace perfgate {

namespace {

constexpr int sets = 4;        // of activations, each a graph of its own
constexpr int warm_up = sets;  // launches of each assignment
constexpr int screen_launches = 12, final_launches = 24;
constexpr int alone_rounds = 9;
constexpr std::size_t finalists = 4;   // variants of a stage that the first look keeps
constexpr int sweeps = 2;              // over the stages: the second knows what the others became
constexpr double least_margin = 3e-3;  // below it the variant stays as it is

/// The variant of each GEMM stage.
using Assignment = std::map<Stage, const GemmVariant*>;

class Tuner {
 public:
  Tuner(const DecodePlan& plan, const PlannedWorkload& planned, const GpuFingerprint& gpu,
        cudaStream_t stream, DeviceArena& arena, RandomWaits& waits)
      : m_plan(plan),
        m_planned(planned),
        m_gpu(gpu),
        m_stream(stream),
        m_arena(arena),
        m_waits(waits) {}

  TunedWorkload tune() {
    choose_first();
    const Assignment before = m_now;
    screen();
    for (int sweep = 0; sweep < sweeps; ++sweep) decide();
    TunedWorkload out;
    out.workload = workload_id(m_planned.workload);
    const std::vector<double> layers_s = layers({before, m_now}, placements(), final_launches);
    out.before_s = layers_s[0];
    out.after_s = layers_s[1];
    for (const auto& [stage, variant] : m_now) out.stages.push_back(stage_of(stage, before));
    return out;
  }

 private:
  static std::vector<std::size_t> placements() {
    return {placement_pages.begin(), placement_pages.end()};
  }

  DecodeStep step_at(std::size_t pages) {
    return make_step(m_planned.workload, m_plan, m_gpu, m_stream,
                     {&m_arena, pages * gpu_page_bytes});
  }

  void choose_first() {
    DecodeStep step = step_at(placement_pages.front());
    for (const StageInfo& info : stages)
      if (const auto& plan = step.state().plans[static_cast<std::size_t>(info.stage)]) {
        m_now[info.stage] = &plan->variant();
        for (const GemmVariant& variant : gemm_variants)
          if (refusal_of(variant, shape(info.stage), gemm_device()).empty())
            m_takes[info.stage].push_back(&variant);
      }
  }

  GemmShape shape(Stage stage) const { return *gemm_shape(m_planned.workload, stage); }

  GemmSelection selection(Stage stage, const GemmVariant& variant) const {
    return {GemmBackend::automatic,
            {{shape(stage), m_planned.workload.dtype, std::string(variant.id)}}};
  }

  /// Returns the layer's time with each assignment: the median over the placements of the medians
  /// at each.
  std::vector<double> layers(const std::vector<Assignment>& all,
                             const std::vector<std::size_t>& pages, int launches) {
    std::vector<std::vector<double>> medians(all.size());
    for (const std::size_t at : pages) {
      DecodeStep step = step_at(at);
      const std::vector<Samples> samples_s = layers_in_turns(step, all, launches);
      for (std::size_t i = 0; i < all.size(); ++i) medians[i].push_back(median(samples_s[i]));
    }
    std::vector<double> out;
    for (const std::vector<double>& of : medians) out.push_back(median(of));
    return out;
  }

  std::vector<Samples> layers_in_turns(DecodeStep& step, const std::vector<Assignment>& all,
                                       int launches) {
    Timeline timeline(TraceOf::graphs);
    std::vector<std::array<GraphExec, sets>> graphs(all.size());
    step.overlap(Overlap::on);
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (const auto& [stage, variant] : all[i])
        step.state().plan_gemm(stage, selection(stage, *variant));
      for (int set = 0; set < sets; ++set) {
        step.use_activations(set);
        graphs[i][static_cast<std::size_t>(set)] =
            instantiate(capture(step.stream(), [&] { step.run_layers(0); }));
      }
    }
    const int rounds = warm_up + launches;
    for (int round = 0; round < rounds; ++round) {
      step.use_activations(round % sets);
      for (const auto& of_sets : graphs) {
        m_waits.on_device(step.stream());
        step.reset();
        check(cudaGraphLaunch(of_sets[static_cast<std::size_t>(round % sets)].get(), step.stream()),
              "cudaGraphLaunch");
      }
    }
    const Trace trace = timeline.stop();
    require_whole(trace, 0, all.size() * static_cast<std::size_t>(rounds));
    std::vector<Samples> samples_s(all.size());
    for (std::size_t i = all.size() * warm_up; i < trace.graphs.size(); ++i)
      samples_s[i % all.size()].push_back(
          static_cast<double>(trace.graphs[i].end_ns - trace.graphs[i].start_ns) * 1e-9 /
          step.layers());
    return samples_s;
  }

  /// Measures the layer with one stage after another changed to each of `variants`.
  void measure(const std::map<Stage, std::vector<const GemmVariant*>>& variants,
               const std::vector<std::size_t>& pages, int launches, bool final) {
    std::vector<Assignment> all;
    for (const auto& [stage, of] : variants)
      for (const GemmVariant* variant : of) {
        all.push_back(m_now);
        all.back()[stage] = variant;
      }
    const std::vector<double> layers_s = layers(all, pages, launches);
    std::size_t at = 0;
    for (const auto& [stage, of] : variants)
      for (const GemmVariant* variant : of) {
        TunedVariant& found = m_found[stage][variant];
        found.id = variant->id;
        found.layer_s = layers_s[at++];
        found.final = final;
      }
  }

  /// Sorts a stage's variants by the layer's time with them.
  void sort(Stage stage, std::vector<const GemmVariant*>& variants) {
    std::stable_sort(variants.begin(), variants.end(),
                     [&](const GemmVariant* a, const GemmVariant* b) {
                       return m_found[stage][a].layer_s < m_found[stage][b].layer_s;
                     });
  }

  void screen() {
    measure(m_takes, {placement_pages.front()}, screen_launches, false);
    for (auto& [stage, variants] : m_takes) {
      sort(stage, variants);
      std::vector<const GemmVariant*>& kept = m_kept[stage];
      kept.assign(variants.begin(), variants.begin() + static_cast<std::ptrdiff_t>(
                                                           std::min(finalists, variants.size())));
      if (std::find(kept.begin(), kept.end(), m_now[stage]) == kept.end())
        kept.push_back(m_now[stage]);
    }
  }

  void decide() {
    measure(m_kept, placements(), final_launches, true);
    for (auto& [stage, variants] : m_kept) {
      sort(stage, variants);
      const double now_s = m_found[stage][m_now[stage]].layer_s;
      if (m_found[stage][variants.front()].layer_s < now_s * (1 - least_margin))
        m_now[stage] = variants.front();
    }
  }

  TunedStage stage_of(Stage stage, const Assignment& before) {
    TunedStage out;
    out.stage = stage;
    out.choice = {shape(stage), m_planned.workload.dtype, std::string(m_now[stage]->id)};
    out.before = before.at(stage)->id;
    measure_alone(stage, out);
    for (const auto& [variant, found] : m_found[stage]) out.variants.push_back(found);
    std::stable_sort(out.variants.begin(), out.variants.end(),
                     [](const TunedVariant& a, const TunedVariant& b) {
                       return a.final != b.final ? a.final : a.layer_s < b.layer_s;
                     });
    for (const TunedVariant& other : out.variants) {
      if (!other.final || other.id == out.choice.variant) continue;
      out.choice.margin = other.layer_s / m_found[stage][m_now[stage]].layer_s - 1;
      break;
    }
    return out;
  }

  void measure_alone(Stage stage, TunedStage& out) {
    const StageCase only{"", stage};
    DecodeStep step(m_planned.workload, layers_for(m_planned.workload, {only}), m_plan.seed,
                    m_stream, m_plan.gemms, {&m_arena, 0});
    for (int set = 0; set < activation_sets; ++set) step.run(set);
    const CublasGemm gemm(step.state().cublas.get(), m_planned.workload.dtype, shape(stage),
                          most_algorithms);
    const std::vector<Candidate> algorithms = cublas_candidates(step, stage, gemm);
    std::vector<Candidate> candidates;
    for (const std::size_t index : choose_finalists(step, algorithms, m_waits))
      candidates.push_back(algorithms[index]);
    const std::size_t of_cublas = candidates.size();
    for (const GemmVariant* variant : m_takes[stage])
      candidates.push_back({Overlap::on, [&step, &out, this, variant](int layer) {
                              step.state().plan_gemm(out.stage, selection(out.stage, *variant));
                              step.run_stage(layer, out.stage);
                            }});
    const std::vector<Samples> samples_s = in_turns(step, candidates, alone_rounds, m_waits);
    out.cublas_first_s = out.cublas_best_s = median(samples_s[0]);
    for (std::size_t i = 1; i < of_cublas; ++i)
      out.cublas_best_s = std::min(out.cublas_best_s, median(samples_s[i]));
    for (std::size_t i = 0; i < m_takes[stage].size(); ++i)
      m_found[stage][m_takes[stage][i]].alone_s = median(samples_s[of_cublas + i]);
  }

  const DecodePlan& m_plan;
  const PlannedWorkload& m_planned;
  const GpuFingerprint& m_gpu;
  cudaStream_t m_stream;
  DeviceArena& m_arena;
  RandomWaits& m_waits;
  Assignment m_now;
  std::map<Stage, std::vector<const GemmVariant*>> m_takes, m_kept;
  std::map<Stage, std::map<const GemmVariant*, TunedVariant>> m_found;
};

}  // namespace

void tune_plan(const DecodePlan& plan, const GpuFingerprint& gpu,
               const std::function<void(const TunedWorkload&)>& tell) {
  const Stream stream;
  DeviceArena arena;
  RandomWaits waits({fresh_seed(), plan.dither_s});
  for (const PlannedWorkload& planned : plan.workloads)
    tell(Tuner(plan, planned, gpu, stream.get(), arena, waits).tune());
}

std::string tune_table(const TunedWorkload& tuned) {
  std::string text = fmt::format("{}: layer {:.2f} -> {:.2f} us ({:+.1f} %)\n", tuned.workload,
                                 tuned.before_s * 1e6, tuned.after_s * 1e6,
                                 100 * (tuned.after_s / tuned.before_s - 1));
  for (const TunedStage& stage : tuned.stages) {
    const auto found = [&](const std::string& id) {
      return *std::find_if(stage.variants.begin(), stage.variants.end(),
                           [&](const TunedVariant& one) { return one.id == id; });
    };
    const TunedVariant chosen = found(stage.choice.variant), before = found(stage.before);
    text += fmt::format(
        "  {:<12} {:<19} {:>+5.1f} % of {}\n               alone {:.2f} us, {:.3f} of "
        "cuBLAS\n",
        stage_id(stage.stage), chosen.id, 100 * (chosen.layer_s / before.layer_s - 1), before.id,
        chosen.alone_s * 1e6, chosen.alone_s / stage.cublas_best_s);
    std::string others;
    constexpr int most_shown = 3;
    int shown = 0;
    for (const TunedVariant& one : stage.variants)
      if (one.id != chosen.id && shown++ < most_shown)
        others += fmt::format("{}{} {:+.1f} %", others.empty() ? "" : ", ", one.id,
                              100 * (one.layer_s / chosen.layer_s - 1));
    text += fmt::format("               next: {}\n", others.empty() ? "none" : others);
  }
  return text;
}

std::string tune_csv_header() {
  return "workload,stage,variant,chosen,final,layer_us,alone_us,cublas_first_us,cublas_best_us\n";
}

std::string tune_csv(const TunedWorkload& tuned) {
  std::string text;
  for (const TunedStage& stage : tuned.stages)
    for (const TunedVariant& one : stage.variants)
      text += fmt::format("{},{},{},{:d},{:d},{:.3f},{:.3f},{:.3f},{:.3f}\n", tuned.workload,
                          stage_id(stage.stage), one.id, one.id == stage.choice.variant, one.final,
                          one.layer_s * 1e6, one.alone_s * 1e6, stage.cublas_first_s * 1e6,
                          stage.cublas_best_s * 1e6);
  return text;
}

}  // namespace perfgate
