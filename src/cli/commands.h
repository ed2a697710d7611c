#pragma once

#include <cli/command.h>

#include <string>
#include <string_view>
#include <vector>

// All commands of this layer; each stands in the file of its name.
namespace sidereal::cli {

Command job_check();
Command job_submit();
Command job_list();
Command job_show();
Command job_watch();
Command job_logs();
Command job_pause();
Command job_resume();
Command job_cancel();
Command job_retry();
Command job_skip();
Command job_failures();
Command node_list();
Command node_show();
Command node_drain();
Command node_undrain();
Command node_forgive();
Command job_why();
Command node_why();
Command forecast();
Command what_if();
Command rules_show();
Command rules_apply();
Command openjd_check();
Command openjd_summary();
Command openjd_schema();
Command plan_calibrate();
Command plan_catalog();
Command plan_claim();
Command plan_model();
Command plan_finetune();
Command plan_seed();
Command plan_rent_or_buy();
Command plan_job();
Command plan_facility();
Command plan_loan();
Command show_version();

std::vector<Command> own_commands();

// What a group of commands is for.
std::string_view group_help(std::string_view group);

// --output of every command, --url of those that speak to a brain.
std::vector<Option> common_options(
    Command const& command, std::string& format, std::optional<std::string>& url);

}
