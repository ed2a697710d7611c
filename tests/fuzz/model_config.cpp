#include <fuzz/fuzz.h>

#include <plan/calibration.h>
#include <plan/model_config.h>

void sidereal::fuzz::take(std::string_view input)
{
    if (auto const model = plan::read_model_config(input, "config.json"))
        VERIFY(model->params.total() >= 1e5 && model->params.total() <= 1e14);
    auto catalog = plan::shipped_catalog();
    (void)plan::add_to_catalog(catalog, input, "fuzz.json");
    (void)plan::read_calibration(input, "fuzz.json");
}
