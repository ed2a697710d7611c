#include <cli/commands.h>

#include <gtest/gtest.h>

#include <set>

namespace sidereal::cli {

TEST(Commands, each_has_a_name_of_its_own_a_help_and_an_example)
{
    std::set<std::string> names;
    for (auto const& command : own_commands()) {
        EXPECT_TRUE(names.insert(command.name).second) << command.name;
        EXPECT_FALSE(command.help.empty()) << command.name;
        EXPECT_NE(command.example.find("sidereal " + command.name), std::string::npos)
            << command.name;
    }
}

}
