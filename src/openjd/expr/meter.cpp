#include <openjd/expr/meter.h>

namespace sidereal::openjd::expr {

tl::unexpected<Fault> Meter::out_of_operations() const
{
    return fault(FaultKind::budget,
        "the expression takes more than {} operations{}; work on less, or in the job's script",
        budget_.operations,
        operations_ > budget_.operations ? "" : ", or as much time as that many");
}

tl::unexpected<Fault> Meter::out_of_memory() const
{
    return fault(FaultKind::budget,
        "the expression takes more than {} bytes of memory; work on less, or in the job's script",
        budget_.bytes);
}

}
