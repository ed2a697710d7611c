#include <cli/completion.h>

#include <cli/commands.h>

#include <gtest/gtest.h>

#include <set>

namespace sidereal::cli {

TEST(Completion, knows_every_command_option_and_choice)
{
    auto const script = bash_completion(own_commands());
    EXPECT_NE(script.find("\"job submit\") command=\"job submit\" ;;"), std::string::npos);
    EXPECT_NE(script.find("\"job submit --output\") choices=\"table json\" ;;"), std::string::npos);
    EXPECT_NE(script.find("\"node\") choices=\"drain list show undrain\" ;;"), std::string::npos);
    EXPECT_NE(script.find("--no-check-inputs"), std::string::npos);
    EXPECT_NE(zsh_completion(own_commands()).find("#compdef sidereal"), std::string::npos);
}

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
