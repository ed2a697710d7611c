#pragma once

#include <cli/output.h>
#include <plan/inverse.h>
#include <plan/model_plan.h>

#include <string>
#include <vector>

// What `plan …` prints.
namespace sidereal::cli {

struct PlannedMachine {
    std::string machine;
    plan::ModelPlan plan;
};

// As a table, or its JSON.
void print_table(Table const& table, Context const& context);

// For --explain of every `plan …`.
void draw_explained(std::vector<plan::Explained> const& explained);
void write_explained(JsonWriter& json, std::vector<plan::Explained> const& explained);

Table plan_table(std::vector<PlannedMachine> const& plans);
Table choice_table(std::vector<plan::Choice> const& choices);
std::string plan_json(plan::Model const& model, plan::Workload const& workload,
    std::vector<PlannedMachine> const& plans, bool explain);
void draw_plans(plan::Model const& model, plan::Workload const& workload,
    std::vector<PlannedMachine> const& plans, bool explain);

}
