using FsCheck;
using FsCheck.Fluent;

namespace VfioPm.Tests.Pci;

public class LspciTextTests
{
    private static readonly Config Repeatable =
        Config.QuickThrowOnFailure.WithReplay(20211115, 1).WithQuietOnSuccess(true);

    private static readonly string Good = DeviceImage.FormatLspci([DeviceImages.RootPort, DeviceImages.E1000E]);

    private static readonly Gen<DeviceImage> AnyImage =
        from size in Gen.Elements(64, 128, 256, 4096)
        from bytes in Gen.Choose(0, 255).ArrayOf(size)
        from bus in Gen.Choose(0, 255)
        from slot in Gen.Choose(0, 255)
        from domain in Gen.Elements(0u, 1u, 0x10000u)
        select DeviceImage.FromConfigBytes(
            [.. bytes.Select(value => (byte)value)],
            new PciAddress(domain, (byte)bus, (byte)(slot >> 3), (byte)(slot & 7)));

    [Fact]
    public void What_is_written_is_read_back_the_same() =>
        Prop.ForAll(Arb.From(AnyImage), image =>
        {
            DeviceImage read = DeviceImage.ParseLspci(image.ToLspci()).Single();
            return read.Address == image.Address
                && read.Title == image.Title
                && read.Bytes.Span.SequenceEqual(image.Bytes.Span)
                && read.ToLspci() == image.ToLspci();
        }).Check(Repeatable);

    [Fact]
    public void Damaged_text_is_refused_with_a_place_in_it_or_read() =>
        Prop.ForAll(
            Arb.From(Gen.Choose(0, Good.Length - 1)),
            Arb.From(Gen.Choose(0, 40)),
            Arb.From(Gen.Choose(0, 300).ArrayOf()),
            (at, removed, inserted) =>
            {
                string text = string.Concat(
                    Good.AsSpan(0, at),
                    string.Concat(inserted.Select(value => (char)value)),
                    Good.AsSpan(Math.Min(at + removed, Good.Length)));
                return IsReadOrRefusedWithAPlace(text);
            }).Check(Repeatable);

    [Fact]
    public void Text_cut_off_anywhere_is_refused_with_a_place_in_it_or_read() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, Good.Length)), at => IsReadOrRefusedWithAPlace(Good[..at]))
            .Check(Repeatable);

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("\n\n", 1, 1)]
    [InlineData("hello\n", 1, 1)]
    [InlineData("01:00.0 A card\n", 1, 1)]
    [InlineData("\n\n01:00.0 A card\n\n", 3, 1)]
    [InlineData("00: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n", 1, 1)]
    [InlineData("\tRegion 0: Memory at fe640000\n", 1, 1)]
    [InlineData("01:00.0 A card\n00: 00 00 00 0g 00 00 00 00 00 00 00 00 00 00 00 00\n", 2, 15)]
    [InlineData("01:00.0 A card\n00: 00 00 00 0\n", 2, 15)]
    [InlineData("01:00.0 A card\n00: 00 00 00\n", 2, 13)]
    [InlineData("01:00.0 A card\n00: 00 00-00\n", 2, 10)]
    [InlineData("01:00.0 A card\n00: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n", 2, 52)]
    [InlineData("01:00.0 A card\n10: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n", 2, 1)]
    [InlineData("01:00.0 A card\nxx: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n", 2, 1)]
    [InlineData("01:00.0 A card\n00: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n", 3, 1)]
    [InlineData("01:20.0 A card\n", 1, 1)]
    public void What_is_wrong_is_told_with_its_place(string text, int line, int column)
    {
        DumpFormatException problem = FluentActions.Invoking(() => DeviceImage.ParseLspci(text))
            .Should().Throw<DumpFormatException>().Which;

        (problem.Line, problem.Column).Should().Be((line, column));
        problem.Message.Should().StartWith($"Line {line}, column {column}: ");
    }

    [Fact]
    public void Functions_follow_each_other_with_a_blank_line_or_without_and_the_last_ends_with_the_text()
    {
        string dense = Good.Replace("\n\n", "\n", StringComparison.Ordinal).TrimEnd();

        DeviceImage.ParseLspci(dense).Select(static image => image.Address)
            .Should().Equal(DeviceImages.RootPort.Address, DeviceImages.E1000E.Address);
        DeviceImage.FormatLspci(DeviceImage.ParseLspci(dense)).Should().Be(Good);
        Good.Should().EndWith("00\n\n").And.Contain("00\n\n0");
    }

    [Fact]
    public void A_description_belongs_to_the_function_above_it_up_to_the_blank_line() =>
        FluentActions.Invoking(() => DeviceImage.ParseLspci(Good + "\tRegion 0: Memory at fe640000 (32-bit, non-prefetchable) [size=128K]\n"))
            .Should().Throw<DumpFormatException>().WithMessage("*a description without a function above it.");

    [Fact]
    public void Sizes_of_one_are_not_those_of_the_next()
    {
        const string Line = "\tRegion 0: Memory at fe640000 (32-bit, non-prefetchable) [size=128K]\n";
        string card = DeviceImages.E1000E.ToLspci();
        string first = card.Insert(card.IndexOf('\n', StringComparison.Ordinal) + 1, Line);
        string second = DeviceImages.E1000E.At(PciAddress.Parse("0000:02:00.0")).ToLspci();

        DeviceImage.ParseLspci(first + second).Select(static image => image.Bars[0].IsSizeGuessed).Should().Equal(false, true);
    }

    [Fact]
    public void A_space_has_no_row_behind_4_KiB()
    {
        string text = DeviceImages.E1000E.ToLspci().TrimEnd() + "\n1000: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n";

        FluentActions.Invoking(() => DeviceImage.ParseLspci(text))
            .Should().Throw<DumpFormatException>().WithMessage("*a configuration space ends at offset 0xfff.");
    }

    [Fact]
    public void The_domain_is_written_for_all_as_soon_as_one_is_not_in_the_first()
    {
        DeviceImage other = DeviceImages.E1000E.At(PciAddress.Parse("0001:02:00.0"));

        DeviceImage.FormatLspci([DeviceImages.E1000E]).Should().StartWith("01:00.0 ");
        DeviceImage.FormatLspci([DeviceImages.E1000E, other]).Should().StartWith("0000:01:00.0 ").And.Contain("\n0001:02:00.0 ");
        DeviceImage.FormatLspci([other]).Should().StartWith("0001:02:00.0 ");
    }

    [Fact]
    public void A_bridge_is_meant_if_there_is_nothing_else()
    {
        DeviceImage.FromLspci(DeviceImages.RootPort.ToLspci()).Address.Should().Be(DeviceImages.RootPort.Address);
        DeviceImage.FromLspci(Good).Address.Should().Be(DeviceImages.E1000E.Address);
    }

    [Fact]
    public void The_same_function_twice_is_refused() =>
        FluentActions.Invoking(() => DeviceImage.ParseLspci(Good + DeviceImages.E1000E.ToLspci()))
            .Should().Throw<DumpFormatException>().WithMessage("*0000:01:00.0 is there already*");

    [Fact]
    public void Carriage_returns_and_comments_are_passed_over() =>
        DeviceImage.ParseLspci("# From a friend\r\n" + Good.Replace("\n", "\r\n", StringComparison.Ordinal))
            .Should().HaveCount(2);

    [Fact]
    public void Sizes_come_from_the_description_where_the_registers_agree()
    {
        string text = Good.Replace(
            "8086:10d3 (rev 00)\n",
            """
            8086:10d3 (rev 00)
            	Region 0: Memory at fe640000 (32-bit, non-prefetchable) [size=128K]
            	Region 2: I/O ports at c000 [size=32]
            	Region 3: I/O ports at 0170 [size=8]
            	Region 4: [virtual] Memory at fe700000 (32-bit, non-prefetchable) [size=1M]
            	Expansion ROM at fe600000 [disabled] [size=256K]

            """,
            StringComparison.Ordinal);

        DeviceImage.FromLspci(text).Bars.Select(bar => (bar.Index, bar.Size)).Should().Equal(
            (0, 0x2_0000UL), (1, 0x1_0000UL), (2, 0x20UL), (3, 0x1_0000UL), (Bar.RomIndex, 0x4_0000UL));
    }

    [Theory]
    [InlineData("Region 0: Memory at fe640000 (32-bit, non-prefetchable)")]
    [InlineData("Region 0: Memory at fe640000 (32-bit, non-prefetchable) [size=")]
    [InlineData("Region 0: Memory at fe640000 (32-bit, non-prefetchable) [size=]")]
    [InlineData("Region 0: Memory at fe640000 (32-bit, non-prefetchable) [size=K]")]
    [InlineData("Region 0: Memory at fe640000 (32-bit, non-prefetchable) [size=64X]")]
    [InlineData("Region 0: Memory at fe640000 (32-bit, non-prefetchable) [size=96K]")]
    [InlineData("Region 6: Memory at fe640000 (32-bit, non-prefetchable) [size=64K]")]
    [InlineData("Region 0; Memory at fe640000 (32-bit, non-prefetchable) [size=64K]")]
    [InlineData("Region 0:")]
    [InlineData("Domain 0: Memory at fe640000 [size=64K]")]
    public void A_line_that_tells_no_size_that_a_BAR_can_have_tells_nothing(string line)
    {
        string text = Good.Replace("8086:10d3 (rev 00)\n", $"8086:10d3 (rev 00)\n\t{line}\n", StringComparison.Ordinal);

        DeviceImage.FromLspci(text).Bars.Should().Equal(DeviceImage.FromLspci(Good).Bars);
    }

    [Theory]
    [InlineData("64K", 0x1_0000UL)]
    [InlineData("64M", 0x400_0000UL)]
    [InlineData("1G", 0x4000_0000UL)]
    public void A_size_is_in_bytes_or_in_kibibytes_and_more(string size, ulong bytes)
    {
        byte[] at1Gigabyte = DeviceImages.E1000E.Bytes.ToArray();
        at1Gigabyte[PciRegisters.BaseAddress0 + 2] = 0;
        at1Gigabyte[PciRegisters.BaseAddress0 + 3] = 0x40;
        string text = DeviceImages.E1000E.WithBytes(at1Gigabyte).ToLspci().Replace(
            "8086:10d3 (rev 00)\n",
            $"8086:10d3 (rev 00)\n\tRegion 0: Memory at 40000000 (32-bit, non-prefetchable) [size={size}]\n",
            StringComparison.Ordinal);

        DeviceImage.FromLspci(text).Bars[0].Size.Should().Be(bytes);
    }

    [Fact]
    public void Sizes_come_from_the_resource_file()
    {
        const string Resource = """
            0x00000000fe640000 0x00000000fe65ffff 0x0000000000040200
            0x00000000fe660000 0x00000000fe67ffff 0x0000000000040200
            0x000000000000c000 0x000000000000c01f 0x0000000000040101
            0x00000000fe680000 0x00000000fe683fff 0x0000000000040200
            0x0000000000000000 0x0000000000000000 0x0000000000000000
            0x0000000000000000 0x0000000000000000 0x0000000000000000
            0x00000000fe600000 0x00000000fe63ffff 0x0000000000046200

            """;

        DeviceImage.FromConfigBytes(DeviceImages.E1000E.Bytes.Span).WithResources(Resource).Bars
            .Should().Equal(DeviceImages.E1000E.Bars);
    }

    [Theory]
    [InlineData("0x0 0x0\n", 1, 1)]
    [InlineData("0x0 0x0 0x0\n0x0 0xf zero\n", 2, 9)]
    [InlineData("0x10 0x3f 0x200\n", 1, 1)]
    public void A_wrong_resource_file_is_refused_with_a_place(string text, int line, int column)
    {
        DumpFormatException problem = FluentActions.Invoking(() => DeviceImages.E1000E.WithResources(text))
            .Should().Throw<DumpFormatException>().Which;

        (problem.Line, problem.Column).Should().Be((line, column));
    }

    [Fact]
    public void The_only_endpoint_of_a_dump_needs_no_address()
    {
        DeviceImage.FromLspci(Good).Address.Should().Be(DeviceImages.E1000E.Address);
        DeviceImage.FromLspci(Good, DeviceImages.RootPort.Address).IsBridge.Should().BeTrue();
        FluentActions.Invoking(() => DeviceImage.FromLspci(Good, PciAddress.Parse("05:00.0")))
            .Should().Throw<ArgumentException>().WithMessage("*0000:00:03.0, 0000:01:00.0*");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(512)]
    public void A_configuration_space_has_one_of_four_sizes(int size) =>
        FluentActions.Invoking(() => DeviceImage.FromConfigBytes(new byte[size]))
            .Should().Throw<ArgumentException>().WithMessage($"*not {size}*");

    private static bool IsReadOrRefusedWithAPlace(string text)
    {
        int lines = 0;
        foreach (ReadOnlySpan<char> _ in text.AsSpan().EnumerateLines())
        {
            lines++;
        }

        try
        {
            return DeviceImage.ParseLspci(text).Count > 0;
        }
        catch (DumpFormatException problem)
        {
            return problem.Line >= 1 && problem.Line <= lines && problem.Column >= 1;
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void What_is_neither_a_dump_nor_the_name_of_a_file_is_refused_by_name(string text) =>
        FluentActions.Invoking(() => DeviceImage.FromLspci(text)).Should().Throw<ArgumentException>().WithParameterName("pathOrText");

    [Fact]
    public void A_list_with_a_hole_in_it_is_not_written() =>
        FluentActions.Invoking(() => DeviceImage.FormatLspci([DeviceImages.E1000E, null!]))
            .Should().Throw<ArgumentException>().WithParameterName("images");
}
