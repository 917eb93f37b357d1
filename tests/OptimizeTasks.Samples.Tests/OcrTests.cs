using OptimizeTasks.Testing;

namespace OptimizeTasks.Samples.Tests;

public sealed class OcrTests
{
    // What stands on the page (samples/Ocr/page.html), the upside-down line at its foot included.
    private static readonly string[] Page =
    [
        "Harbour Street Bakery",
        "Delivery note for Friday, 6 March 2026",
        "Dear Mrs Lindqvist,",
        "thank you for your order. Everything on the list below left our",
        "oven this morning at half past four and is on its way to you.",
        "Please keep the rye bread wrapped until it has cooled down.",
        "Your order",
        "Rye bread, 750 g\t12\t40.80",
        "Cinnamon rolls\t36\t64.80",
        "Oatmeal biscuits\t10\t32.50",
        "Total\t58\t138.10",
        "Questions?",
        "Call us on 555 0142 or write to orders@harbour.example.",
        "Payment within 14 days. Prices in euros, 7% tax included.",
        "Return this slip with the empty boxes",
        "",
    ];

    [Fact]
    public void It_reads_the_page_without_an_error()
    {
        string[] lines = SampleProgram.Run("Ocr");

        Assert.Equal(Page, lines[..^1]);
        Assert.StartsWith("23 pieces of text, 1 of them upside down.", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void It_refuses_a_picture_that_was_cut_off_in_one_line()
    {
        using var folder = new TemporaryFolder();
        string picture = Path.Combine(Repository.Root, "samples", "Ocr", "page.png");
        File.WriteAllBytes(folder["cut.png"], File.ReadAllBytes(picture)[..20_000]);

        Assert.Equal($"{folder["cut.png"]} ends too early.", SampleProgram.Refuse("Ocr", folder["cut.png"]));
    }
}
