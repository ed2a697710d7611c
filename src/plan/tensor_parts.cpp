#include <plan/tensor_parts.h>

namespace sidereal::plan {

double Parts::*part_of_tensor(std::string_view name)
{
    auto const has = [&](std::string_view text) { return name.find(text) != name.npos; };
    if (has("token_embd") || has("embed_tokens") || has("wte."))
        return has("norm") ? &Parts::small : &Parts::embedding;
    if (name.starts_with("output.") || has("lm_head"))
        return &Parts::head;
    if (has("norm") || has(".bias") || has("sinks"))
        return &Parts::small;
    if (has("_exps") || (has("experts.") && !has("shared_expert")))
        return &Parts::experts;
    if (has("ffn_gate_inp") || has(".gate.weight") || has("router"))
        return &Parts::ffn;
    if (has("attn") || has("attention") || has("ssm") || has("mixer") || has("conv"))
        return &Parts::attention;
    return has("ffn") || has("mlp") || has("feed_forward") ? &Parts::ffn : &Parts::small;
}

}
