#pragma once
// The server's side of TLS: its certificate, and whose clients' certificates it believes.

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

// Null where no certificate is set. A client need not show a certificate, for reading is open; one
// that shows one which is not believed is not served.
[[nodiscard]] tl::expected<TlsContext, Mistakes> make_tls(const settings::Settings::Web& settings);

}  // namespace evenkeel::web
