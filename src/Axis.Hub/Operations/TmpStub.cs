#pragma warning disable
using Axis.Hub.Registry;

namespace Axis.Hub.Operations
{
    public sealed class HubMetrics
    {
        public void PackageAccepted(Door d) { }

        public void PackageRefused(Door d, string c) { }

        public void DeliveriesDispatched(int n) { }

        public void DispatchFailed(int n) { }

        public void EventsSent(int n) { }

        public void StatusReported(string c, string o) { }

        public void DeliveriesCollected(Door d, int n) { }
    }

    public static class OpsX
    {
        public static void AddOperations(this IServiceCollection s, IConfiguration c) { }

        public static void MapOperations(this IEndpointRouteBuilder r) { }
    }
}
