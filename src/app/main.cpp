#include <app/commands.h>
#include <cli/cli.h>

int main(int argc, char** argv)
{
    using namespace sidereal;
    return cli::run(argc, argv,
        { app::up_command(), app::brain_command(), app::agent_command(), app::demo_command(),
            app::openjd_run_command() });
}
