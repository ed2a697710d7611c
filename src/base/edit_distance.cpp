#include <base/edit_distance.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace sidereal {

std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before_last;
    std::vector<std::size_t> last(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t { 0 });
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::vector<std::size_t> row(b.size() + 1, i + 1);
        for (std::size_t k = 0; k < b.size(); ++k) {
            auto const replaced = last[k] + (a[i] == b[k] ? 0 : 1);
            row[k + 1] = std::min({ replaced, row[k] + 1, last[k + 1] + 1 });
            if (i > 0 && k > 0 && a[i] == b[k - 1] && a[i - 1] == b[k])
                row[k + 1] = std::min(row[k + 1], before_last[k - 1] + 1);
        }
        before_last = std::exchange(last, std::move(row));
    }
    return last[b.size()];
}

}
