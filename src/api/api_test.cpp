#include <api/test_host.h>

#include <base/json.h>
#include <wire/codec.h>

namespace sidereal::api {

namespace {

using HttpStatusAndBody = std::pair<int, std::string>;

constexpr char const* film = R"({"specificationVersion":"jobtemplate-2023-09","name":"film",
"steps":[{"name":"Frames","parameterSpace":{"taskParameterDefinitions":[
{"name":"Frame","type":"INT","range":"11-14"}]},
"script":{"actions":{"onRun":{"command":"true"}}}},
{"name":"Film","dependencies":[{"dependsOn":"Frames"}],
"script":{"actions":{"onRun":{"command":"true"}}}}]})";

std::string submit_body(std::string_view template_text, std::string_view more = "")
{
    JsonWriter json;
    json.value(template_text);
    return fmt::format(R"({{"template":{},"file_name":"template.json"{}}})", json.take(), more);
}

class ApiRoutes : public ApiTest {
protected:
    HttpStatusAndBody ask(std::string method, std::string target, std::string body = {})
    {
        auto const response = fetch(std::move(method), std::move(target), std::move(body));
        return { response.status, response.body };
    }
    Json get(std::string const& target)
    {
        auto const response = fetch("GET", target);
        EXPECT_EQ(response.status, 200) << response.body;
        auto document = parse_json(response.body);
        EXPECT_TRUE(document.has_value()) << response.body;
        return document ? *document : Json {};
    }

    // An agent's call; the next one sends what comes of `change`.
    template<typename Change>
    std::shared_ptr<PendingCall> begin_sync(Change change)
    {
        sync_.node_key = "key";
        sync_.agent_instance = 7;
        ++sync_.number;
        change(sync_);
        return begin("POST", "/v1/sync", wire::encode(sync_));
    }
    wire::SyncReply finish_sync(std::shared_ptr<PendingCall> const& call)
    {
        auto const response = finish(call);
        EXPECT_EQ(response.status, 200) << response.body;
        auto reply = wire::decode_sync_reply(response.body);
        VERIFY(reply);
        sync_.epoch = reply->epoch;
        sync_.facts.reset();
        sync_.brain_instance = reply->brain_instance;
        sync_.orders_applied = reply->first_order + reply->orders.size() - 1;
        sync_.first_report += sync_.reports.size();
        sync_.reports.clear();
        sync_.settled = sync_.number;
        return *reply;
    }
    // Lets node-a with 2 vcpus in; where there is no work the call is held.
    wire::SyncReply let_in()
    {
        return finish_sync(begin_sync([](wire::SyncRequest& request) {
            wire::NodeFacts facts;
            facts.name = "node-a";
            facts.os_family = "linux";
            facts.cpu_arch = "x86_64";
            facts.vcpus = 2;
            facts.memory_bytes = 1'000'000;
            request.facts = facts;
        }));
    }

    wire::SyncRequest sync_;
};

TEST_F(ApiRoutes, unknown_path_and_method_say_what_there_is)
{
    EXPECT_EQ(ask("GET", "/v1/jbos"),
        (HttpStatusAndBody { 404,
            R"({"error":{"code":"not_found","message":"there is no '/v1/jbos': the API's paths )"
            R"(begin with /v1/jobs, /v1/nodes, /v1/rules, /v1/environments, /v1/farm and )"
            R"(/v1/health"}})" }));
    EXPECT_EQ(ask("DELETE", "/v1/jobs"),
        (HttpStatusAndBody { 405,
            R"({"error":{"code":"method_not_allowed","message":"'/v1/jobs' takes POST, GET, )"
            R"(not DELETE"}})" }));
}

TEST_F(ApiRoutes, submit_refuses_what_it_does_not_know)
{
    EXPECT_EQ(ask("POST", "/v1/jobs", R"({"template":"x","prio":3})"),
        (HttpStatusAndBody { 400,
            R"({"error":{"code":"invalid_input","message":"unknown field 'prio': allowed are )"
            R"(template, file_name, parameters, project, user, priority, max_retries, )"
            R"(max_failed_tasks, paused, scheduling, tier, order, not_before, deadline, )"
            R"(after_jobs"}})" }));
    EXPECT_EQ(ask("POST", "/v1/jobs", R"({"template":"x","priority":101})"),
        (HttpStatusAndBody { 400,
            R"({"error":{"code":"invalid_input","message":"field 'priority': expected a whole )"
            R"(number from -100 to 100"}})" }));
    EXPECT_EQ(ask("POST", "/v1/jobs", "[]"),
        (HttpStatusAndBody { 400,
            R"({"error":{"code":"invalid_input","message":"body: expected a JSON object"}})" }));
    EXPECT_EQ(ask("POST", "/v1/jobs").first, 400);
}

TEST_F(ApiRoutes, submit_tells_where_the_template_is_wrong)
{
    auto const [status, body] = ask("POST", "/v1/jobs",
        submit_body(R"({"specificationVersion":"jobtemplate-2023-09","name":"x","setps":[]})"));
    EXPECT_EQ(status, 400);
    auto const document = parse_json(body);
    ASSERT_TRUE(document) << body;
    auto const& faults = document->at("error").at("diagnostics").as_array();
    ASSERT_FALSE(faults.empty());
    EXPECT_EQ(faults[0].at("file").as_string(), "template.json");
    EXPECT_EQ(faults[0].at("line").to_number<int>(), 1);
    EXPECT_TRUE(host_.brain().farm.jobs.empty());
}

TEST_F(ApiRoutes, submitted_job_is_listed_and_shown)
{
    EXPECT_EQ(ask("POST", "/v1/jobs", submit_body(film, R"(,"user":"ann","priority":5)")),
        (HttpStatusAndBody { 201, R"({"id":1})" }));
    auto const list = get("/v1/jobs?state=queued");
    EXPECT_EQ(list.at("jobs").as_array().size(), 1u);
    EXPECT_EQ(get("/v1/jobs?state=failed").at("jobs").as_array().size(), 0u);

    auto const job = get("/v1/jobs/1");
    EXPECT_EQ(job.at("name").as_string(), "film");
    EXPECT_EQ(job.at("user").as_string(), "ann");
    EXPECT_EQ(job.at("priority").to_number<int>(), 5);
    EXPECT_EQ(job.at("counts").at("tasks").to_number<int>(), 5);
    EXPECT_EQ(
        job.at("steps").as_array().at(1).at("depends_on").as_array().at(0).as_string(), "Frames");
    EXPECT_EQ(job.at("why").as_array().at(0).at("reason").as_string(), "no_nodes");
    EXPECT_TRUE(job.at("eta_s").is_null());
}

TEST_F(ApiRoutes, job_that_is_not_there)
{
    for (auto const* target :
        { "/v1/jobs/9", "/v1/jobs/9/watch", "/v1/jobs/9/attempts", "/v1/jobs/9/log" })
        EXPECT_EQ(ask("GET", target),
            (HttpStatusAndBody { 404,
                R"({"error":{"code":"not_found","message":"there is no job 9: see )"
                R"('sidereal job list'"}})" }));
    EXPECT_EQ(ask("POST", "/v1/jobs/9/cancel").first, 404);
    EXPECT_EQ(ask("GET", "/v1/jobs/x"),
        (HttpStatusAndBody { 400,
            R"({"error":{"code":"invalid_input","message":"'x' is no job id: a job's id is a )"
            R"(number"}})" }));
}

TEST_F(ApiRoutes, verbs_change_the_job)
{
    ask("POST", "/v1/jobs", submit_body(film));
    EXPECT_EQ(ask("POST", "/v1/jobs/1/pause"), (HttpStatusAndBody { 200, R"({"id":1})" }));
    EXPECT_EQ(get("/v1/jobs/1").at("state").as_string(), "paused");
    EXPECT_EQ(ask("POST", "/v1/jobs/1/resume").first, 200);
    EXPECT_EQ(ask("POST", "/v1/jobs/1/cancel").first, 200);
    EXPECT_EQ(get("/v1/jobs/1").at("state").as_string(), "canceled");
    EXPECT_EQ(ask("POST", "/v1/jobs/1/pause").first, 409);
    EXPECT_EQ(ask("POST", "/v1/jobs/1/retry", R"({"task":"Frame=12"})").first, 200);
    EXPECT_EQ(get("/v1/jobs/1").at("state").as_string(), "queued");
}

TEST_F(ApiRoutes, retry_of_a_task_that_is_not_there)
{
    ask("POST", "/v1/jobs", submit_body(film));
    EXPECT_EQ(ask("POST", "/v1/jobs/1/retry", R"({"task":"Frame=99"})"),
        (HttpStatusAndBody { 404,
            R"({"error":{"code":"not_found","message":"step 'Frames' has no task with )"
            R"(Frame=99"}})" }));
    EXPECT_EQ(ask("POST", "/v1/jobs/1/retry", R"({"step":"Render"})").first, 404);
    EXPECT_EQ(ask("POST", "/v1/jobs/1/retry", R"({"task":3})"),
        (HttpStatusAndBody { 400,
            R"({"error":{"code":"invalid_input","message":"job 1 has 2 steps: say which )"
            R"(step, such as Frames"}})" }));
}

TEST_F(ApiRoutes, nothing_is_said_before_it_is_durable)
{
    host_.disk_is_stuck = true;
    auto const submit = begin("POST", "/v1/jobs", submit_body(film));
    auto const list = begin("GET", "/v1/jobs");
    settle();
    EXPECT_FALSE(submit->answer);
    EXPECT_FALSE(list->answer);
    host_.free_disk();
    EXPECT_EQ(finish(submit).status, 201);
    EXPECT_EQ(finish(list).status, 200);
}

TEST_F(ApiRoutes, while_the_store_fails_nothing_is_taken_on_but_nodes_are_heard)
{
    ask("POST", "/v1/jobs", submit_body(film));
    host_.trouble = Error { ErrorCode::exhausted, "no room on the disk" };
    for (auto const& response :
        { ask("POST", "/v1/jobs", submit_body(film)), ask("GET", "/v1/jobs", "") }) {
        EXPECT_EQ(response.first, 507);
        EXPECT_NE(response.second.find("no room on the disk"), std::string::npos);
    }
    EXPECT_NE(let_in().epoch, 0u);
    host_.trouble.reset();
    EXPECT_EQ(get("/v1/jobs").at("jobs").as_array().size(), 1u);
    EXPECT_EQ(ask("POST", "/v1/jobs", submit_body(film)).first, 201);
}

TEST_F(ApiRoutes, sync_brings_orders_and_reports)
{
    ask("POST", "/v1/jobs", submit_body(film));
    auto const first = let_in();
    EXPECT_NE(first.epoch, 0u);
    EXPECT_FALSE(first.orders.empty());
    ASSERT_EQ(first.jobs.size(), 1u);
    EXPECT_EQ(first.jobs[0].file_name, "template.json");

    auto const node = get("/v1/nodes/node-a");
    EXPECT_EQ(node.at("state").as_string(), "present");
    EXPECT_EQ(node.at("used").at("worker.vcpu").to_number<double>(), 2);
    EXPECT_EQ(get("/v1/farm").at("counts").at("nodes").at("present").to_number<int>(), 1);

    auto const running = get("/v1/jobs/1").at("running").as_array();
    ASSERT_FALSE(running.empty());
    EXPECT_EQ(running[0].at("parameters").at("Frame").as_string(), "11");
    EXPECT_EQ(running[0].at("node").as_string(), "node-a");
}

TEST_F(ApiRoutes, sync_of_somebody_who_went_away_is_forgotten)
{
    let_in();
    auto const held = begin_sync([](wire::SyncRequest&) {});
    settle();
    EXPECT_EQ(host_.open_tickets(), 1u);
    held->client->close();
    finish(held);
    while (host_.open_tickets() > 0)
        settle();
    EXPECT_FALSE(host_.brain().links.begin()->second.held);
}

TEST_F(ApiRoutes, failed_attempt_is_told_with_its_reason)
{
    ask("POST", "/v1/jobs", submit_body(film, R"(,"max_retries":0)"));
    let_in();
    finish_sync(begin_sync([](wire::SyncRequest& request) {
        wire::Ended ended;
        ended.attempt = { 1 };
        ended.outcome = wire::Outcome::failed;
        ended.cause = wire::Cause::task_error;
        ended.exit_code = 1;
        ended.message = "exit code 1";
        ended.log_tail = "no such \xff scene";
        ended.usage.run_time = std::chrono::milliseconds(1500);
        request.reports = { ended };
    }));
    auto const job = get("/v1/jobs/1");
    auto const& failure = job.at("failures").as_array().at(0);
    EXPECT_EQ(failure.at("message").as_string(), "exit code 1");
    EXPECT_EQ(failure.at("log_tail").as_string(), "no such \xef\xbf\xbd scene");
    EXPECT_EQ(failure.at("parameters").at("Frame").as_string(), "11");

    auto const attempts = get("/v1/jobs/1/attempts?outcome=failed&limit=1").at("attempts");
    ASSERT_EQ(attempts.as_array().size(), 1u);
    EXPECT_EQ(attempts.as_array()[0].at("run_s").to_number<double>(), 1.5);
    EXPECT_EQ(ask("GET", "/v1/jobs/1/attempts?outcome=bad").first, 400);
    EXPECT_EQ(ask("GET", "/v1/jobs/1/attempts?sort=id"),
        (HttpStatusAndBody { 400,
            R"({"error":{"code":"invalid_input","message":"unknown query parameter 'sort': )"
            R"(allowed are step, task, node, outcome, limit, after"}})" }));
}

TEST_F(ApiRoutes, usage_adds_up_what_ran_hour_by_hour)
{
    ask("POST", "/v1/jobs", submit_body(film));
    let_in();
    finish_sync(begin_sync([](wire::SyncRequest& request) {
        wire::Ended ended;
        ended.attempt = { 1 };
        ended.outcome = wire::Outcome::succeeded;
        ended.usage.run_time = std::chrono::minutes(30);
        request.reports = { ended };
    }));
    auto const usage = get("/v1/usage?hours=24");
    EXPECT_EQ(usage.at("hours_total").to_number<int>(), 24);
    double node_h = 0;
    double submitted_node_h = 0;
    for (auto const& hour : usage.at("hours").as_array()) {
        node_h += hour.at("node_h").to_number<double>();
        submitted_node_h += hour.at("submitted_node_h").to_number<double>();
    }
    // One of two vcpus.
    EXPECT_NEAR(node_h, 0.25, 1e-9);
    EXPECT_NEAR(submitted_node_h, 0.25, 1e-9);
    ASSERT_EQ(usage.at("nodes").as_array().size(), 1u);
    EXPECT_EQ(usage.at("nodes").as_array()[0].at("name").as_string(), "node-a");
    EXPECT_EQ(get("/v1/usage").at("hours_total").to_number<int>(), 720);
    EXPECT_EQ(ask("GET", "/v1/usage?hours=0"),
        (HttpStatusAndBody { 400,
            R"({"error":{"code":"invalid_input","message":"query parameter 'hours': expected 1 to )"
            R"(8784, not 0"}})" }));
    EXPECT_EQ(ask("GET", "/v1/usage?days=3").first, 400);
}

TEST_F(ApiRoutes, log_is_fetched_from_the_node_that_has_it)
{
    ask("POST", "/v1/jobs", submit_body(film));
    let_in();
    auto const held = begin_sync([](wire::SyncRequest&) {});
    auto const log = begin("GET", "/v1/jobs/1/log?task=Frame%3D11&offset=4");
    auto const orders = finish_sync(held).orders;
    ASSERT_FALSE(orders.empty());
    auto const* read = std::get_if<wire::ReadLog>(&orders.back());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->offset, 4u);
    auto const answer = begin_sync([&](wire::SyncRequest& request) {
        request.reports = { wire::LogChunk { read->request, 4, 9, true, "\xff log\n", "" } };
    });
    auto const response = finish(log);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "\xff log\n");
    EXPECT_EQ(response.headers.get("X-Log-Offset"), "4");
    EXPECT_EQ(response.headers.get("X-Log-Size"), "9");
    EXPECT_EQ(response.headers.get("X-Log-Ended"), "true");
    EXPECT_EQ(response.headers.get("X-Attempt"), "1");
}

TEST_F(ApiRoutes, log_needs_a_task_that_ran)
{
    ask("POST", "/v1/jobs", submit_body(film));
    EXPECT_EQ(ask("GET", "/v1/jobs/1/log?step=Film"),
        (HttpStatusAndBody { 404,
            R"({"error":{"code":"not_found","message":"task 0 has not run yet, so there is no )"
            R"(log"}})" }));
    EXPECT_EQ(ask("GET", "/v1/jobs/1/log?attempt=5"),
        (HttpStatusAndBody {
            404, R"({"error":{"code":"not_found","message":"job 1 has no attempt 5"}})" }));
    EXPECT_EQ(ask("GET", "/v1/jobs/1/log?step=Frames").first, 400);
}

TEST_F(ApiRoutes, watch_answers_when_the_job_moves)
{
    ask("POST", "/v1/jobs", submit_body(film));
    auto const revision = get("/v1/jobs/1").at("revision").to_number<int>();
    auto const watch = begin("GET", fmt::format("/v1/jobs/1/watch?after={}&wait_s=20", revision));
    settle();
    EXPECT_FALSE(watch->answer);
    ask("POST", "/v1/jobs/1/pause");
    auto const document = parse_json(finish(watch).body);
    ASSERT_TRUE(document);
    EXPECT_EQ(document->at("state").as_string(), "paused");
    EXPECT_GT(document->at("revision").to_number<int>(), revision);
}

TEST_F(ApiRoutes, watch_ends_with_its_wait)
{
    ask("POST", "/v1/jobs", submit_body(film));
    auto const revision = get("/v1/jobs/1").at("revision").to_number<int>();
    EXPECT_EQ(ask("GET", fmt::format("/v1/jobs/1/watch?after={}&wait_s=0", revision)).first, 200);
    // A revision of another life of the brain is news, higher or not.
    EXPECT_EQ(ask("GET", "/v1/jobs/1/watch?after=999999&wait_s=20").first, 200);
}

TEST_F(ApiRoutes, nodes_are_drained_by_name)
{
    let_in();
    EXPECT_EQ(ask("POST", "/v1/nodes/node-a/drain"), (HttpStatusAndBody { 200, R"({"id":1})" }));
    EXPECT_EQ(get("/v1/nodes/1").at("state").as_string(), "draining");
    EXPECT_EQ(ask("POST", "/v1/nodes/node-a/undrain").first, 200);
    EXPECT_EQ(get("/v1/nodes").at("nodes").as_array().at(0).at("state").as_string(), "present");
    EXPECT_EQ(ask("GET", "/v1/nodes/node-z"),
        (HttpStatusAndBody { 404,
            R"({"error":{"code":"not_found","message":"there is no node 'node-z': see )"
            R"('sidereal node list'"}})" }));
}

TEST_F(ApiRoutes, a_million_tasks_are_told_in_a_few_bytes)
{
    ask("POST", "/v1/jobs",
        submit_body(R"({"specificationVersion":"jobtemplate-2023-09","name":"big",
"steps":[{"name":"S","parameterSpace":{"taskParameterDefinitions":[
{"name":"N","type":"INT","range":"1-1000000"}]},
"script":{"actions":{"onRun":{"command":"true"}}}}]})"));
    auto const response = fetch("GET", "/v1/jobs/1");
    EXPECT_EQ(response.status, 200);
    EXPECT_LT(response.body.size(), 2000u);
    EXPECT_EQ(ask("GET", "/v1/jobs/1/log?task=N%3D900000"),
        (HttpStatusAndBody { 400,
            R"({"error":{"code":"invalid_input","message":"step 'S' has 1000000 tasks, too many )"
            R"(to search for N=900000: give the task's index"}})" }));
}

TEST_F(ApiRoutes, health_and_version)
{
    EXPECT_TRUE(ask("GET", "/v1/health").second.starts_with(R"({"status":"ok","commits":)"));
    EXPECT_EQ(get("/v1/farm").at("version").as_string(), "1.2.3");
}

}
}
