#include <fuzz/document.h>

#include <base/json.h>

// Both readers: the one for documents with positions and the one for the wire.
void sidereal::fuzz::take(std::string_view input)
{
    verify_document(openjd::detail::parse_json(input, "fuzz.json", {}));
    if (auto const value = parse_json(input); !value)
        VERIFY(!value.error().message.empty());
}
