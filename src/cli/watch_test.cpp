#include <cli/job_tables.h>
#include <cli/watch_drawing.h>
#include <cli/watch_events.h>
#include <cli/watch_view.h>

#include <cli/output.h>

#include <gtest/gtest.h>

namespace sidereal::cli {

namespace {

Json json(std::string_view text)
{
    auto document = parse_json(text);
    EXPECT_TRUE(document) << document.error().message;
    return *document;
}

Json running_job()
{
    return json(R"({"id":12,"name":"film","state":"running","ended_at":null,"revision":9,
"counts":{"tasks":5,"ready":2,"running":2,"succeeded":1,"failed":0,"canceled":0},
"steps":[{"name":"Frames","state":"running","counts":{"tasks":4,"succeeded":1}},
{"name":"Film","state":"waiting","counts":{"tasks":1,"succeeded":0}}],
"running_total":2,"running":[
{"attempt":2,"step":"Frames","parameters":{"Frame":"12"},"node":"node-a","percent":50.0,
"status":"sample 8/16","started":true},
{"attempt":3,"step":"Frames","parameters":{"Frame":"13"},"node":"node-b","percent":0.0,
"status":"","started":true}],
"eta_s":12.34,"eta_leaves_out":["Film"],"why":[]})");
}

}

TEST(DrawJob, shows_bar_steps_and_nodes)
{
    EXPECT_EQ(draw_job(running_job(), { 80, 24, false, false }),
        "job 12  film  (running)\n"
        "############............................  30 %  1/5  left: 12.3 s, then Film\n"
        "  Frames  1/4  running\n"
        "  Film    0/1  waiting\n"
        "  node-a  ######......  50 %  frame 12  sample 8/16\n"
        "  node-b  ............   0 %  frame 13\n");
}

TEST(DrawJob, stays_within_the_terminal)
{
    for (std::size_t const width : { 10u, 20u, 40u, 60u }) {
        auto const block = draw_job(running_job(), { width, 6, false, false });
        std::size_t begin = 0;
        std::size_t lines = 0;
        while (begin < block.size()) {
            auto const end = block.find('\n', begin);
            EXPECT_LE(display_width(block.substr(begin, end - begin)), width) << block;
            begin = end + 1;
            ++lines;
        }
        EXPECT_LE(lines, 6u) << block;
    }
}

TEST(TimeLeft, names_what_it_leaves_out)
{
    EXPECT_EQ(time_left(running_job()), "12.3 s, then Film");
    EXPECT_EQ(time_left(json(R"({"eta_s":3.0,"eta_leaves_out":[]})")), "3.0 s");
    EXPECT_EQ(time_left(json(R"({"eta_s":null})")), "");
}

TEST(AttemptLine, tells_how_it_went)
{
    EXPECT_EQ(attempt_line(json(R"({"state":"succeeded","parameters":{"Frame":"12"},
"node":"node-b","run_s":1.9})")),
        "frame 12 done on node-b in 1.9 s");
    EXPECT_EQ(attempt_line(json(R"({"state":"failed","parameters":{"Frame":"12"},
"node":"node-b","run_s":0.25,"message":"exit code 1"})")),
        "frame 12 failed on node-b after 250 ms: exit code 1");
}

TEST(EndLine, sums_the_job_up)
{
    EXPECT_EQ(end_line(json(R"({"id":3,"state":"failed","submitted_at":"2026-11-22T23:59:50.000Z",
"ended_at":"2026-11-23T00:00:02.500Z","counts":{"tasks":25,"succeeded":24,"failed":1}})")),
        "job 3 failed: 24 of 25 tasks done, 1 failed in 12.5 s");
}

TEST(FailureReport, has_reason_and_last_lines)
{
    EXPECT_EQ(failure_report(json(R"({"failures_total":2,"failures":[{"step":"Frames",
"parameters":{"Frame":"7"},"node":"node-a","message":"exit code 1",
"log_tail":"1\n2\n3\n4\n5\nno scene\n"}]})")),
        "frame 7 of step 'Frames' failed on node-a: exit code 1\n"
        "    | 2\n    | 3\n    | 4\n    | 5\n    | no scene\n"
        "and 1 more failed tasks\n");
}

namespace {

std::vector<std::uint64_t> ids(std::vector<Json> const& attempts)
{
    std::vector<std::uint64_t> found;
    for (auto const& attempt : attempts)
        found.push_back(attempt.at("attempt").to_number<std::uint64_t>());
    return found;
}

}

TEST(EndedAttempts, each_is_found_once_in_whatever_order_they_end)
{
    using Ids = std::vector<std::uint64_t>;
    EndedAttempts ended(JobId { 1 });
    auto const page = json(R"([{"attempt":1,"state":"running"},{"attempt":2,"state":"succeeded"},
{"attempt":3,"state":"running"}])");
    EXPECT_EQ(ids(ended.take_page(page.as_array())), Ids { 2 });
    EXPECT_EQ(ids(ended.take_page(page.as_array())), Ids {});
    EXPECT_EQ(ended.vanished(json(R"({"running_total":1,"running":[{"attempt":1}]})")), Ids { 3 });
    auto const later = json(R"([{"attempt":3,"state":"failed"}])");
    EXPECT_EQ(ids(ended.take_page(later.as_array())), Ids { 3 });
    EXPECT_EQ(ended.vanished(json(R"({"running_total":0,"running":[]})")), Ids { 1 });
}

TEST(EndedAttempts, beyond_a_cut_list_nothing_is_known)
{
    EndedAttempts ended(JobId { 1 });
    ended.take_page(json(R"([{"attempt":1,"state":"running"},{"attempt":5,"state":"running"},
{"attempt":9,"state":"running"}])")
                        .as_array());
    EXPECT_EQ(ended.vanished(json(R"({"running_total":2,"running":[{"attempt":5}]})")),
        std::vector<std::uint64_t> { 1 });
}

}
