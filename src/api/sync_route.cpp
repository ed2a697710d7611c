#include <api/reply.h>
#include <api/routes.h>
#include <wire/codec.h>

#include <memory>
#include <utility>

namespace sidereal::api {

void post_sync(Context& context, Call&& call)
{
    auto request = wire::decode_sync_request(call.request.body);
    if (!request)
        return call.responder.fail(request.error());
    ask(context, call.responder,
        { [request = *std::move(request)](brain::Brain& brain, brain::Ticket ticket, Now now,
              brain::Effects& effects) { brain::on_sync(brain, request, ticket, now, effects); },
            [](brain::Answer const& answer) {
                return json_response(wire::encode(std::get<wire::SyncReply>(answer)));
            },
            OnClosed::tell_mind });
}

}
