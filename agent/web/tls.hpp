#pragma once
// TLS of the server: its certificate, and the authorities whose clients' certificates it accepts.

#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "agent/settings/settings.hpp"
#include "agent/web/secret_file.hpp"

namespace boost::asio::ssl {
class context;
}  // namespace boost::asio::ssl

namespace evenkeel::web {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// Returns null if no certificate is set. A client needs no certificate, for reading is open; a
// client with a certificate that is not accepted is not served.
[[nodiscard]] tl::expected<TlsContext, Mistakes> make_tls(const settings::Settings::Web& settings);

}  // namespace evenkeel::web
