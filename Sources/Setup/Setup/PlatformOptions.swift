import SQL
import Web

extension DatabaseSettings {
    /// For `Database.open`; `name` is the component's.
    func options(for component: ComponentName) -> DatabaseOptions {
        DatabaseOptions(
            name: component.rawValue, maxOpenConnections: maxOpenConnections, maxIdleConnections: maxIdleConnections,
            connectionMaxLifetime: connectionMaxLifetime)
    }
}

extension Configuration {
    /// How the public listeners serve.
    var publicServerOptions: ServerOptions {
        var options = ServerOptions()
        options.maxConnections = ProcessLimits.connections(upTo: options.maxConnections)
        options.realIPHeader = realIPHeader
        if !trustedProxies.isEmpty { options.trustedProxies = trustedProxies }
        return options
    }

    /// How the internal listeners serve: other components, and no page of anybody's.
    var internalServerOptions: ServerOptions {
        var options = ServerOptions()
        options.maxConnections = ProcessLimits.connections(upTo: options.maxConnections)
        options.allowsBrowsers = false
        return options
    }
}
