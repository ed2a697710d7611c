#pragma once

#include <api/call.h>

#include <span>
#include <string_view>

// The handlers by subject, and the table that says which request goes where.
namespace sidereal::api {

using Handler = void (*)(Context&, Call&&);

struct Route {
    std::string_view method;
    // "/v1/jobs/{id}": a name in braces takes one path segment.
    std::string_view pattern;
    Handler handler;
};

std::span<Route const> routes();

// Finds the handler and calls it; unknown paths and methods are answered with what there is.
void dispatch(Context& context, io::HttpRequest request, io::Responder const& responder);

void post_sync(Context& context, Call&& call);

void post_job(Context& context, Call&& call);
void get_jobs(Context& context, Call&& call);
void get_job(Context& context, Call&& call);
void watch_job(Context& context, Call&& call);
void pause_job(Context& context, Call&& call);
void resume_job(Context& context, Call&& call);
void cancel_job(Context& context, Call&& call);
void retry_job(Context& context, Call&& call);
void skip_job(Context& context, Call&& call);

void get_attempts(Context& context, Call&& call);
void get_failures(Context& context, Call&& call);
void get_log(Context& context, Call&& call);

void get_nodes(Context& context, Call&& call);
void get_node(Context& context, Call&& call);
void drain_node(Context& context, Call&& call);
void undrain_node(Context& context, Call&& call);
void forgive_node(Context& context, Call&& call);
void get_rules(Context& context, Call&& call);
void post_rules(Context& context, Call&& call);
void get_environments(Context& context, Call&& call);
void get_node_why(Context& context, Call&& call);
void get_forecast(Context& context, Call&& call);
void post_what_if(Context& context, Call&& call);
void get_usage(Context& context, Call&& call);
void get_farm(Context& context, Call&& call);
void get_health(Context& context, Call&& call);

}
