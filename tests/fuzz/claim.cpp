#include <fuzz/fuzz.h>

#include <plan/claim.h>

void sidereal::fuzz::take(std::string_view input)
{
    auto const& catalog = plan::shipped_catalog();
    if (auto const claim = plan::read_claim(input, catalog)) {
        VERIFY(claim->high >= claim->low);
        (void)plan::check_claim(*claim, catalog);
    }
}
