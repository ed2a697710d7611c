#include <plan/cache.h>

#include <algorithm>

namespace sidereal::plan {

double layer_row_elements(Layer const& layer)
{
    if (layer.kind == LayerKind::recurrent)
        return 0;
    if (layer.latent_dim > 0)
        return static_cast<double>(layer.latent_dim);
    return static_cast<double>(layer.kv_heads)
        * static_cast<double>(layer.key_dim + layer.value_dim);
}

double layer_cache_bytes(Layer const& layer, CacheShape const& shape)
{
    auto const padding = std::max<std::int64_t>(shape.padding, 1);
    auto const padded = [&](std::int64_t tokens) {
        return (tokens + padding - 1) / padding * padding;
    };
    auto kept = padded(shape.context);
    if (layer.window > 0 && shape.micro_batch > 0)
        kept = std::min(kept, padded(layer.window + shape.micro_batch));
    else if (layer.window > 0)
        kept = std::min(kept, layer.window);
    return layer.state_bytes
        + static_cast<double>(kept) * layer_row_elements(layer) * shape.bits / 8;
}

double cache_bytes(Model const& model, CacheShape const& shape)
{
    double all = 0;
    for (auto const& layer : model.layers)
        all += layer_cache_bytes(layer, shape);
    return all;
}

double cache_bytes_per_token(Model const& model, double bits)
{
    double all = 0;
    for (auto const& layer : model.layers) {
        if (layer.window == 0)
            all += layer_row_elements(layer) * bits / 8;
    }
    return all;
}

}
