#include <fuzz/fuzz.h>

#include <plan/gguf.h>
#include <plan/quant.h>

void sidereal::fuzz::take(std::string_view input)
{
    auto source = plan::text_source("fuzz.gguf", input);
    // As if the data followed.
    source.size += input.size() % 2 == 0 ? 0 : 1ull << 40;
    auto const header = plan::read_gguf(source, plan::shipped_catalog());
    if (!header) {
        VERIFY(!header.error().message.empty());
        return;
    }
    auto const model = plan::model_of(*header, source, plan::shipped_catalog());
    if (!model)
        return;
    auto const weights = plan::size_weights(*model, "", "llama.cpp", plan::shipped_catalog());
    VERIFY(weights || !model->unknown_types.empty() || model->quant.empty());
}
