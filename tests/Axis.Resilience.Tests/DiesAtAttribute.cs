using Axis.Hub;

namespace Axis.Resilience.Tests;

/// <summary>Says at which place the hub dies in a test.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class DiesAtAttribute(CrashPoint point) : Attribute
{
    public CrashPoint Point => point;
}
