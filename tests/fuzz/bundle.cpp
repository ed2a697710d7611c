#include <fuzz/document.h>

#include <openjd/bundle.h>

// The two files that may stand beside a template.
void sidereal::fuzz::take(std::string_view input)
{
    if (auto const values = openjd::parse_parameter_values(input, "fuzz.yaml"); !values)
        verify_faults(values.error());
    if (auto const assets = openjd::parse_asset_references(input, "fuzz.yaml"); !assets)
        verify_faults(assets.error());
}
