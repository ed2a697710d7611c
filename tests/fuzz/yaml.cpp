#include <fuzz/document.h>

void sidereal::fuzz::take(std::string_view input)
{
    verify_document(openjd::detail::parse_yaml(input, "fuzz.yaml", {}));
}
