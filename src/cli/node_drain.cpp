#include <cli/commands.h>
#include <cli/verb.h>

namespace sidereal::cli {

Command node_drain()
{
    return plain_verb({ "node", "drain", "takes no more work; what it runs goes on" },
        "give a machine no more work; what it runs goes on", "sidereal node drain node-a");
}

Command node_undrain()
{
    return plain_verb({ "node", "undrain", "takes work again" },
        "give a drained machine work again", "sidereal node undrain node-a");
}

}
