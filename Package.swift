// swift-tools-version: 6.1
import PackageDescription

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nio: [Target.Dependency] = ["NIOCore", "NIOPosix", "NIOConcurrencyHelpers", "NIOFoundationCompat"].map {
    .product(name: $0, package: "swift-nio")
}
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")

/// A component sees the protocol, the platform and what the others say: never another component.
func component(_ name: String, _ more: [Target.Dependency] = []) -> Target {
    .target(
        name: name,
        dependencies: ["Matrix", "RoomRules", "SQL", "Delivery", "Web", "InternalAPI", "Topics", "Contracts", log, metrics, lifecycle]
            + more,
        path: "Sources/Components/\(name)"
    )
}

func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Sources/Commands/\(name)")
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)Tests")
}

let everyComponent: [Target.Dependency] = [
    "ClientAPI", "SyncAPI", "MediaAPI", "FederationAPI", "Roomserver", "Appservice", "Keyserver", "UserAPI",
]

let package = Package(
    name: "dendrite",
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Matrix: the protocol, pure.
        .target(name: "Matrix", dependencies: [crypto], path: "Sources/Matrix/Matrix"),
        .target(name: "RoomRules", dependencies: ["Matrix", crypto], path: "Sources/Matrix/RoomRules"),
        .target(name: "PushRules", dependencies: ["Matrix"], path: "Sources/Matrix/PushRules"),

        // Platform: I/O of any kind.
        .systemLibrary(name: "CPostgres", path: "Sources/Platform/CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CCrypt", path: "Sources/Platform/CCrypt", pkgConfig: "libxcrypt", providers: [.apt(["libcrypt-dev"])]),
        .target(
            name: "SQL",
            dependencies: [
                "CPostgres", .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
                log, metrics,
            ],
            path: "Sources/Platform/SQL"
        ),
        .target(name: "Delivery", dependencies: ["SQL", log, metrics, lifecycle], path: "Sources/Platform/Delivery"),
        .target(name: "NATS", dependencies: nio + [nioSSL, crypto, log, metrics], path: "Sources/Platform/NATS"),
        .target(
            name: "Web",
            dependencies: [
                "Matrix", .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"), httpTypes, nioSSL, nioHTTP1, log, metrics, lifecycle,
            ] + nio,
            path: "Sources/Platform/Web"
        ),
        .target(name: "Federation", dependencies: ["Matrix", "Web"], path: "Sources/Platform/Federation"),
        .target(name: "Mail", dependencies: nio + [nioSSL], path: "Sources/Platform/Mail"),

        // Contracts: what the components say.
        .target(name: "InternalAPI", dependencies: ["Matrix", "Web", log, metrics], path: "Sources/Contracts/InternalAPI"),
        .target(
            name: "Topics", dependencies: ["Matrix", "NATS", "SQL", "Delivery", log, metrics, lifecycle, crypto],
            path: "Sources/Contracts/Topics"
        ),
        .target(name: "Contracts", dependencies: ["Matrix", "Web", "InternalAPI", "Topics", "SQL", "Delivery", log, lifecycle], path: "Sources/Contracts/Contracts"),

        // Components: the eight servers.
        component("ClientAPI", [crypto]),
        component("SyncAPI", ["PushRules", crypto]),
        component("MediaAPI", [crypto]),
        component("FederationAPI", ["Federation"]),
        component("Roomserver", [crypto]),
        component("Appservice"),
        component("Keyserver"),
        component("UserAPI", ["CCrypt", "Mail", "PushRules", crypto]),

        // Setup: how they are wired.
        .target(
            name: "Setup",
            dependencies: everyComponent + [
                "Matrix", "RoomRules", "SQL", "Delivery", "NATS", "Mail", "Web", "InternalAPI", "Topics", "Contracts",
                .product(name: "Yams", package: "Yams"), .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"), arguments, crypto, log, metrics, lifecycle,
            ],
            path: "Sources/Setup/Setup"
        ),

        // Commands: what an operator runs.
        command("dendrite-polylith-multi", ["Setup", arguments]),
        command("dendrite-monolith-server", ["Setup", arguments]),
        command("generate-keys", ["Setup", arguments]),
        command("generate-config", ["Setup", arguments]),
        command("create-account", ["Setup", arguments]),

        // Benchmarks: a roomserver alone, for Benchmarks/grow.
        .executableTarget(
            name: "RoomserverLoad",
            dependencies: ["Roomserver", "Contracts", "InternalAPI", "Topics", "SQL", "Matrix", "RoomRules", log, lifecycle],
            path: "Benchmarks/RoomserverLoad"
        ),

        // Tests mirror the sources.
        .target(
            name: "TestSupport", dependencies: ["Matrix", "SQL", log, nioSSL] + nio, path: "Tests/Support", exclude: ["Surroundings"]),
        .target(name: "Surroundings", dependencies: ["TestSupport", "Setup", "Web", "Matrix"], path: "Tests/Support/Surroundings"),
        .executableTarget(
            name: "chaos",
            dependencies: [
                "Surroundings", "TestSupport", "Setup", "Contracts", "InternalAPI", "SQL", "Web", "Matrix", arguments, log,
            ],
            path: "Tests/Chaos"),
        tests("Matrix", ["Matrix"]),
        tests("RoomRules", ["RoomRules", "Matrix"]),
        tests("PushRules", ["PushRules", "Matrix"]),
        tests("SQL", ["SQL", log]),
        tests("Delivery", ["Delivery", "SQL"]),
        tests("NATS", ["NATS"]),
        tests("Mail", ["Mail"]),
        tests("Web", ["Web", "Matrix", log, metrics, lifecycle, .product(name: "NIOEmbedded", package: "swift-nio")] + nio),
        tests("InternalAPI", ["InternalAPI", "Web", "Matrix", log, lifecycle]),
        tests("Topics", ["Topics", "NATS", "Matrix"]),
        tests("Contracts", ["Contracts", "InternalAPI", "Topics", "Delivery", "SQL", "Matrix", "Web", log]),
        tests("Setup", ["Setup", "Matrix", "SQL", "Web", log]),
        tests("UserAPI", ["UserAPI", "Mail", "Contracts", "InternalAPI", "Topics", "SQL", "Matrix", "Web", log, lifecycle]),
        tests("Roomserver", ["Roomserver", "Contracts", "Delivery", "InternalAPI", "Topics", "SQL", "Matrix", "RoomRules", "Web", lifecycle]),
        tests("SyncAPI", [
            "SyncAPI", "Roomserver", "UserAPI", "Contracts", "InternalAPI", "Topics", "NATS", "Delivery", "SQL", "Web", "Matrix",
            "RoomRules", "PushRules", log, lifecycle,
        ]),
        tests("ClientAPI", [
            "ClientAPI", "UserAPI", "Roomserver", "RoomRules", "Mail", "Contracts", "InternalAPI", "Topics", "SQL", "Matrix", "Web",
            crypto, log, lifecycle,
        ]),
        tests("MediaAPI", ["MediaAPI", "Contracts", "InternalAPI", "SQL", "Matrix", "Web"]),
        tests("FederationAPI", ["FederationAPI", "Contracts", "InternalAPI", "Topics", "SQL", "Web", "Matrix", log]),
        tests("Appservice", ["Appservice", "Contracts", "InternalAPI", "Topics", "SQL", "Matrix"]),
        tests("EndToEnd", ["Surroundings", "Setup", "Web", "Matrix"]),

        // Fuzzing: `make fuzz`, and a little of it among the tests.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Setup", "Matrix", "RoomRules", "NATS", "Web", "InternalAPI", log, lifecycle, .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/Fuzz"
        ),
        .executableTarget(name: "fuzz", dependencies: ["FuzzTargets", arguments], path: "Tests/FuzzCommand"),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets"], path: "Tests/FuzzTests"),
    ],
    swiftLanguageModes: [.v6]
)
