#include <cli/commands.h>
#include <cli/verb.h>

namespace sidereal::cli {

Command node_drain()
{
    return plain_verb({ "node", "drain", "takes no more work; what it runs goes on" },
        "give a machine no more work; what it runs goes on", "sidereal node drain node-a");
}

Command node_forgive()
{
    return plain_verb({ "node", "forgive", "starts with a clean slate" },
        "what failed on a machine up to now speaks against it no more",
        "sidereal node forgive node-a");
}

Command node_undrain()
{
    return plain_verb({ "node", "undrain", "takes work again" },
        "give a drained machine work again", "sidereal node undrain node-a");
}

}
