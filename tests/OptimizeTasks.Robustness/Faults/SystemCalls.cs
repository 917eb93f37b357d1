using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace OptimizeTasks.Robustness.Faults;

/// <summary>
/// Watches a process call by call as a debugger does, sees those that change files of a folder, and does something at one
/// of them: ends the process before it, or lets it fail. Linux on x64.
/// </summary>
internal sealed partial class SystemCalls
{
    private const int Seize = 0x4206, NextCall = 24, GetRegisters = 12, SetRegisters = 13, Interrupt = 0x4207;
    private const long TraceGoodMark = 1, TraceClone = 8, ExitKill = 0x100000;
    private const int WaitAll = 0x40000000, WaitOwnThread = 0x20000000;
    private const int Stopped = 0x7f, CallStop = 5 | 0x80, Trap = 5;
    private const int RegistersSize = 27 * 8, ReturnValue = 10 * 8, Number = 15 * 8;
    private const long NoCall = -1;

    private static readonly Dictionary<long, (string Name, int Path, bool IsFile)> s_changes = new()
    {
        // Name, the number of the argument, and whether it is an open file.
        [1] = ("write", 0, true),
        [18] = ("pwrite64", 0, true),
        [20] = ("writev", 0, true),
        [296] = ("pwritev", 0, true),
        [77] = ("ftruncate", 0, true),
        [285] = ("fallocate", 0, true),
        [326] = ("copy_file_range", 2, true),
        [40] = ("sendfile", 0, true),
        [74] = ("fsync", 0, true),
        [75] = ("fdatasync", 0, true),
        [16] = ("ioctl", 0, true),
        [82] = ("rename", 0, false),
        [264] = ("renameat", 1, false),
        [316] = ("renameat2", 1, false),
        [86] = ("link", 1, false),
        [265] = ("linkat", 3, false),
        [87] = ("unlink", 0, false),
        [263] = ("unlinkat", 1, false),
        [83] = ("mkdir", 0, false),
        [258] = ("mkdirat", 1, false),
        [84] = ("rmdir", 0, false),
        [257] = ("openat", 1, false),
        [2] = ("open", 0, false),
        [90] = ("chmod", 0, false),
        [280] = ("utimensat", 1, false),
    };

    /// <summary>Of the argument registers rdi, rsi, rdx, r10, r8, r9, their places among all.</summary>
    private static readonly int[] s_arguments = [14 * 8, 13 * 8, 12 * 8, 7 * 8, 9 * 8, 8 * 8];

    private readonly int _process;
    private readonly string _folder;
    private readonly Dictionary<int, bool> _inCall = [];
    private readonly Dictionary<int, long> _failures = [];
    private readonly List<string> _seen = [];

    private SystemCalls(int process, string folder)
    {
        _process = process;
        _folder = folder;
    }

    public static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>
    /// Starts a program and runs it to its end: the whole life of a process, since what else starts processes would take
    /// the signs of the watched one.
    /// </summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="folder">The folder whose files count.</param>
    /// <param name="at">The number of the call at which something happens, from 0; others pass.</param>
    /// <param name="error">The error that the call reports; 0 to end the process before it.</param>
    /// <param name="list">The file that receives the calls that were seen.</param>
    /// <returns>The program's exit code.</returns>
    public static int Watch(string[] command, string folder, int at, int error, string list)
    {
        int process = Spawn(command);
        var calls = new SystemCalls(process, folder);
        int code = calls.Watch(at, error);
        File.WriteAllLines(list, calls._seen);
        return code;
    }

    private static unsafe int Spawn(string[] command)
    {
        string[] environment = [.. Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Select(e => $"{e.Key}={e.Value}")];
        fixed (nint* arguments = Native(command), variables = Native(environment))
            return Spawn(out int process, command[0], 0, 0, arguments, variables) == 0 ? process : throw new InvalidOperationException($"{command[0]} cannot be started");

        static nint[] Native(string[] texts) => [.. texts.Select(Marshal.StringToCoTaskMemUTF8), 0];
    }

    /// <returns>The exit code.</returns>
    private int Watch(int at, int error)
    {
        int code = 0;
        if (Trace(Seize, _process, 0, TraceGoodMark | TraceClone | ExitKill) != 0)
            throw new InvalidOperationException("this system lets no process watch another");
        Trace(Interrupt, _process, 0, 0);
        while (true)
        {
            int thread = WaitFor(-1, out int status, WaitAll | WaitOwnThread);
            if (thread < 0)
                return code;
            if ((status & 0xff) != Stopped)
            {
                if (thread == _process)
                    code = (status & 0x7f) != 0 ? 128 + (status & 0x7f) : (status >> 8) & 0xff;
                continue;
            }

            int signal = (status >> 8) & 0xff, what = status >> 16;
            if (signal == CallStop)
            {
                if (!OnCall(thread, at, error))
                    Kill(_process, 9);
                signal = 0;
            }
            else if (what != 0 || signal == Trap)
            {
                signal = 0;
            }

            Trace(NextCall, thread, 0, signal);
        }
    }

    /// <returns>Whether the process goes on.</returns>
    private bool OnCall(int thread, int at, int error)
    {
        bool entering = _inCall[thread] = !_inCall.GetValueOrDefault(thread);
        byte[] registers = new byte[RegistersSize];
        if (!entering)
        {
            if (_failures.Remove(thread, out long failure))
            {
                Trace(GetRegisters, thread, registers);
                BitConverter.TryWriteBytes(registers.AsSpan(ReturnValue), failure);
                Trace(SetRegisters, thread, registers);
            }

            return true;
        }

        Trace(GetRegisters, thread, registers);
        long number = BitConverter.ToInt64(registers, Number);
        if (!s_changes.TryGetValue(number, out (string Name, int Path, bool IsFile) change) || Target(registers, change.Path, change.IsFile) is not { } path)
            return true;
        // Of files that are opened only those that are made.
        const long Create = 0x40;
        if (change.Name is "open" or "openat" && (BitConverter.ToInt64(registers, s_arguments[change.Path + 1]) & Create) == 0)
            return true;
        _seen.Add($"{change.Name} {path}");
        if (_seen.Count - 1 != at)
            return true;
        if (error == 0)
            return false;
        BitConverter.TryWriteBytes(registers.AsSpan(Number), NoCall);
        Trace(SetRegisters, thread, registers);
        _failures[thread] = -error;
        return true;
    }

    /// <summary>The path, if it is of the folder.</summary>
    private string? Target(byte[] registers, int argument, bool isFile)
    {
        long value = BitConverter.ToInt64(registers, s_arguments[argument]);
        string? path = isFile ? OpenFile(value) : ReadText(value);
        return path is not null && path.StartsWith(_folder, StringComparison.Ordinal) ? path[_folder.Length..] : null;
    }

    private string? OpenFile(long number)
    {
        try
        {
            return File.ResolveLinkTarget(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process}/fd/{number}"), false)?.FullName;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private string? ReadText(long address)
    {
        try
        {
            using var memory = new FileStream($"/proc/{_process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
            memory.Position = address;
            var bytes = new byte[512];
            int count = memory.Read(bytes);
            int end = bytes.AsSpan(0, count).IndexOf((byte)0);
            return end < 0 ? null : Encoding.UTF8.GetString(bytes, 0, end);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static unsafe void Trace(int request, int thread, byte[] registers)
    {
        fixed (byte* data = registers)
            Trace(request, thread, 0, (long)data);
    }

    [LibraryImport("libc", EntryPoint = "posix_spawnp", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Spawn(out int process, string file, nint actions, nint attributes, nint* arguments, nint* environment);

    [LibraryImport("libc", EntryPoint = "ptrace")]
    private static partial long Trace(long request, int process, long address, long data);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitFor(int process, out int status, int options);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
