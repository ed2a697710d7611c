#include <api/routes.h>

#include <fmt/format.h>

#include <optional>

namespace sidereal::api {

namespace {

constexpr Route table[] = {
    { "POST", "/v1/sync", post_sync },
    { "POST", "/v1/jobs", post_job },
    { "GET", "/v1/jobs", get_jobs },
    { "GET", "/v1/jobs/{id}", get_job },
    { "GET", "/v1/jobs/{id}/watch", watch_job },
    { "POST", "/v1/jobs/{id}/pause", pause_job },
    { "POST", "/v1/jobs/{id}/resume", resume_job },
    { "POST", "/v1/jobs/{id}/cancel", cancel_job },
    { "POST", "/v1/jobs/{id}/retry", retry_job },
    { "POST", "/v1/jobs/{id}/skip", skip_job },
    { "GET", "/v1/jobs/{id}/attempts", get_attempts },
    { "GET", "/v1/jobs/{id}/failures", get_failures },
    { "GET", "/v1/jobs/{id}/log", get_log },
    { "GET", "/v1/nodes", get_nodes },
    { "GET", "/v1/nodes/{id}", get_node },
    { "POST", "/v1/nodes/{id}/drain", drain_node },
    { "POST", "/v1/nodes/{id}/undrain", undrain_node },
    { "POST", "/v1/nodes/{id}/forgive", forgive_node },
    { "GET", "/v1/nodes/{id}/why", get_node_why },
    { "GET", "/v1/rules", get_rules },
    { "POST", "/v1/rules", post_rules },
    { "GET", "/v1/environments", get_environments },
    { "GET", "/v1/forecast", get_forecast },
    { "POST", "/v1/whatif", post_what_if },
    { "GET", "/v1/usage", get_usage },
    { "GET", "/v1/farm", get_farm },
    { "GET", "/v1/health", get_health },
};

std::string_view take_segment(std::string_view& path)
{
    auto const end = path.find('/');
    auto const segment = path.substr(0, end);
    path = end == std::string_view::npos ? std::string_view {} : path.substr(end + 1);
    return segment;
}

// What stands for the pattern's names; nothing if the path is another one.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path)
{
    std::vector<std::string> captures;
    while (!pattern.empty() && !path.empty()) {
        auto const wanted = take_segment(pattern);
        auto const given = take_segment(path);
        if (wanted.starts_with('{') && !given.empty())
            captures.emplace_back(given);
        else if (wanted != given)
            return std::nullopt;
    }
    if (!pattern.empty() || !path.empty())
        return std::nullopt;
    return captures;
}

}

std::span<Route const> routes() { return table; }

void dispatch(Context& context, io::HttpRequest request, io::Responder const& responder)
{
    std::string methods;
    for (auto const& route : table) {
        auto captures = match(route.pattern, request.path);
        if (!captures)
            continue;
        if (route.method == request.method) {
            route.handler(context, { std::move(request), responder, *std::move(captures) });
            return;
        }
        methods += fmt::format("{}{}", methods.empty() ? "" : ", ", route.method);
    }
    if (methods.empty()) {
        responder.fail({ ErrorCode::not_found,
            fmt::format("there is no '{}': the API's paths begin with /v1/jobs, /v1/nodes, "
                        "/v1/rules, /v1/environments, /v1/farm and /v1/health",
                request.path) });
        return;
    }
    auto refusal = io::error_response(405, "method_not_allowed",
        fmt::format("'{}' takes {}, not {}", request.path, methods, request.method));
    refusal.headers.add("Allow", methods);
    responder.reply(std::move(refusal));
}

}
