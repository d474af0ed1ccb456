// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/launch_effects.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "gate/diagnose/occupancy.h"
#include "gate/diagnose/sequence_difference.h"
#include "gate/judge/launch_match.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::size_t longest_name = 40;  // characters of a kernel's name in a sentence
constexpr std::size_t few_kernels = 3;    // of a case that is one operator
constexpr std::size_t phrases_of_a_sentence = 3;
constexpr double least_effect = 0.05;  // of the fill or of the blocks on an SM

struct Matched {
  const KernelLaunch &base, &head;
};

struct Matching {
  std::vector<Matched> pairs;
  std::vector<const KernelLaunch*> gone, added;
};

Matching match(const std::vector<KernelLaunch>& base, const std::vector<KernelLaunch>& head) {
  Matching matching;
  std::multimap<std::string_view, const KernelLaunch*> left;
  for (const KernelLaunch& launch : base) left.emplace(launch.name, &launch);
  for (const KernelLaunch& launch : head) {
    const auto found = left.find(launch.name);
    if (found == left.end()) {
      matching.added.push_back(&launch);
      continue;
    }
    matching.pairs.push_back({*found->second, launch});
    left.erase(found);
  }
  for (const auto& [name, launch] : left) matching.gone.push_back(launch);
  return matching;
}

std::string short_name(const KernelLaunch& launch) {
  return clipped_characters(launch.name, longest_name);
}

bool launched_otherwise(const Matched& pair) {
  const KernelLaunch &a = pair.base, &b = pair.head;
  return a.grid != b.grid || a.block != b.block || a.registers != b.registers ||
         a.shared_bytes != b.shared_bytes;
}

std::optional<std::string> other_kernels(const Matching& matching,
                                         const std::vector<KernelLaunch>& base_launches,
                                         const std::vector<KernelLaunch>& head_launches) {
  const std::size_t base = base_launches.size(), head = head_launches.size();
  if (matching.added.empty() && matching.gone.empty()) return std::nullopt;
  if (matching.added.empty() &&
      std::any_of(matching.pairs.begin(), matching.pairs.end(), launched_otherwise))
    return std::nullopt;
  std::string words;
  if (base != head) words = fmt::format("{} to {}: ", base, count_of(head, "kernel"));
  // Of a program's range with many kernels, which one it was matters, and there may be several.
  if (std::max(base, head) > few_kernels)
    if (const SequenceDifference difference = sequence_difference(
            operator_names(head_launches), operator_names(base_launches), phrases_of_a_sentence);
        !difference.equal)
      return words + difference.text;
  if (matching.added.empty())
    return words + fmt::format("{} is gone", short_name(*matching.gone.front()));
  if (matching.gone.empty())
    return words + fmt::format("{} is new", short_name(*matching.added.front()));
  return words + fmt::format("{} instead of {}", short_name(*matching.added.front()),
                             short_name(*matching.gone.front()));
}

/// How much of the GPU a grid keeps busy, where it takes so many waves of `at_once` blocks: the
/// last wave may be a part of one.
double fill(double blocks, double at_once) {
  return blocks / (at_once * std::ceil(blocks / at_once));
}

/// The two effects of one kernel, weighted by its share of the case's threads: a small kernel
/// beside a large one explains little.
struct KernelEffects {
  std::optional<LaunchEffect> blocks, occupancy;
};

KernelEffects effects_of(const Matched& pair, const SmLimits& limits, int sm_count, double weight) {
  const auto base_at_once = residency(pair.base, limits);
  const auto head_at_once = residency(pair.head, limits);
  const auto base_blocks = blocks_of(pair.base);
  const auto head_blocks = blocks_of(pair.head);
  KernelEffects effects;
  if (!base_at_once || !head_at_once || base_blocks < 1 || head_blocks < 1) return effects;
  const double base_warps = std::ceil(threads_of(pair.base) / 32.0);
  const double head_warps = std::ceil(threads_of(pair.head) / 32.0);
  const double capacity = static_cast<double>(sm_count) * base_at_once->blocks;
  const double head_capacity = static_cast<double>(sm_count) * head_at_once->blocks;
  const double most = std::max(base_blocks, head_blocks);
  const double occupancy = std::log(std::min(most, capacity) * base_warps) -
                           std::log(std::min(most, head_capacity) * head_warps);
  if (std::abs(occupancy) >= least_effect) {
    std::string words =
        fmt::format("{} to {} an SM", base_at_once->blocks,
                    count_of(static_cast<std::size_t>(head_at_once->blocks), "block"));
    words += fmt::format(", limited by {}", limiter_info(head_at_once->limiter).words);
    if (pair.base.registers != pair.head.registers)
      words += fmt::format(", registers {} to {}", pair.base.registers, pair.head.registers);
    if (pair.base.shared_bytes != pair.head.shared_bytes)
      words +=
          fmt::format(", shared memory {} to {} B", pair.base.shared_bytes, pair.head.shared_bytes);
    if (pair.base.block != pair.head.block)
      words +=
          fmt::format(", block {} to {}", dimensions(pair.base.block), dimensions(pair.head.block));
    effects.occupancy = LaunchEffect{weight * occupancy, std::move(words)};
  }
  // With blocks of another size the number of blocks is no measure of what runs at once.
  if (base_warps != head_warps) return effects;
  const double blocks =
      std::log(fill(base_blocks, capacity)) - std::log(fill(head_blocks, capacity));
  // A persistent kernel launches as many blocks as fit: there the occupancy is the cause.
  const bool follows = occupancy * blocks > 0 && std::abs(occupancy) >= 0.9 * std::abs(blocks);
  if (std::abs(blocks) >= least_effect && base_blocks != head_blocks && !follows)
    effects.blocks = LaunchEffect{
        weight * blocks, fmt::format("grid {} to {}: {:.1f} to {:.1f} blocks for each SM",
                                     dimensions(pair.base.grid), dimensions(pair.head.grid),
                                     base_blocks / sm_count, head_blocks / sm_count)};
  return effects;
}

void keep_larger(std::optional<LaunchEffect>& kept, std::optional<LaunchEffect> effect) {
  if (effect && (!kept || std::abs(effect->size) > std::abs(kept->size))) kept = std::move(effect);
}

}  // namespace

std::vector<std::string> operator_names(const std::vector<KernelLaunch>& launches) {
  std::vector<std::string> names;
  for (const KernelLaunch& launch : launches)
    names.push_back(launch.name.substr(0, launch.name.find('<')));
  return names;
}

LaunchEffects launch_effects(const std::vector<KernelLaunch>& base,
                             const std::vector<KernelLaunch>& head, const GpuFingerprint& gpu) {
  LaunchEffects effects;
  if (base.empty() || head.empty()) return effects;
  const Matching matching = match(base, head);
  effects.kernels = other_kernels(matching, base, head);
  for (const Matched& pair : matching.pairs)
    if (effects.difference.empty() && launched_otherwise(pair))
      effects.difference = launch_difference({pair.base}, {pair.head});
  const SmLimits* limits = find_sm_limits(gpu.compute_capability);
  if (!limits || gpu.sm_count < 1) return effects;
  const auto threads = [](const Matched& pair) {
    return std::max(blocks_of(pair.base) * threads_of(pair.base),
                    blocks_of(pair.head) * threads_of(pair.head));
  };
  double all = 0;
  for (const Matched& pair : matching.pairs) all += threads(pair);
  for (const Matched& pair : matching.pairs) {
    KernelEffects one = effects_of(pair, *limits, gpu.sm_count, threads(pair) / all);
    keep_larger(effects.blocks, std::move(one.blocks));
    keep_larger(effects.occupancy, std::move(one.occupancy));
  }
  return effects;
}

}  // namespace perfgate
