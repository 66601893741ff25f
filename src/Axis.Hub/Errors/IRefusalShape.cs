namespace Axis.Hub.Errors;

/// <summary>How a door refuses a request whose clients read no problem details; a feature of the request.</summary>
public interface IRefusalShape
{
    Task RefuseAsync(HttpContext context, ErrorItem error);
}
