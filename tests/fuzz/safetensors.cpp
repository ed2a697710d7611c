#include <fuzz/fuzz.h>

#include <plan/safetensors.h>

void sidereal::fuzz::take(std::string_view input)
{
    auto const header = plan::read_safetensors(plan::text_source("fuzz.safetensors", input));
    VERIFY(!header || header->total_bytes < input.size());
    if (auto const index = plan::read_safetensors_index(input, "fuzz.json")) {
        for (auto const& file : index->files)
            VERIFY(file.find('/') == std::string::npos);
    }
}
