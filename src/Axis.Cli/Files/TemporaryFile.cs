using Axis.Signatures;

namespace Axis.Cli.Files;

/// <summary>A file in the machine's temporary folder, of whoever runs the command.</summary>
internal sealed class TemporaryFile : ITemporaryFile
{
    private readonly FileStream _file = new(
        Path.GetTempFileName(),
        new FileStreamOptions
        {
            Mode = FileMode.Open,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose,
        }
    );

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _file.WriteAsync(bytes, cancellationToken);

    public Task<Stream> OpenReadAsync(CancellationToken cancellationToken)
    {
        _file.Position = 0;
        return Task.FromResult<Stream>(_file);
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
