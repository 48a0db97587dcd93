using System.Text.Json.Nodes;

namespace VfioPm.Tests;

/// <summary>What lines of scenarios ask for, and what is said of a mistake.</summary>
public sealed class ScenarioLanguageTests
{
    private const string Address = "0000:01:00.0";

    [Theory]
    [InlineData("cfg_read ep PM+4 2", """{"op":"cfg_read","bdf":"0000:01:00.0","off":204,"len":2}""")]
    [InlineData("cfg_read ep 0xCC 2", """{"op":"cfg_read","bdf":"0000:01:00.0","off":204,"len":2}""")]
    [InlineData("cfg_read ep CAP01+4 2", """{"op":"cfg_read","bdf":"0000:01:00.0","off":204,"len":2}""")]
    [InlineData("cfg_read ep ECAP0001+8 4", """{"op":"cfg_read","bdf":"0000:01:00.0","off":264,"len":4}""")]
    [InlineData("cfg_read 0000:01:00.0 4 2", """{"op":"cfg_read","bdf":"0000:01:00.0","off":4,"len":2}""")]
    [InlineData("cfg_write ep 4 0600", """{"op":"cfg_write","bdf":"0000:01:00.0","off":4,"len":2,"value":"0600"}""")]
    [InlineData("bar_read ep M 8 4", """{"op":"bar_read","bdf":"0000:01:00.0","bar":0,"off":8,"len":4}""")]
    [InlineData("bar_read ep IO 0 4", """{"op":"bar_read","bdf":"0000:01:00.0","bar":2,"off":0,"len":4}""")]
    [InlineData("feature ep set 3", """{"op":"feature","bdf":"0000:01:00.0","how":"set","number":3,"argsz":8,"flags":131075}""")]
    [InlineData(
        "feature ep probe|set 4 efd=wake argsz=12",
        """{"op":"feature","bdf":"0000:01:00.0","how":"probe|set","number":4,"eventfd":"wake","argsz":12,"flags":393220}""")]
    [InlineData(
        "feature ep set 5 00000000",
        """{"op":"feature","bdf":"0000:01:00.0","how":"set","number":5,"payload":"00000000","argsz":12,"flags":131077}""")]
    [InlineData(
        "set_irqs ep 2 trigger eventfd 1 2",
        """{"op":"set_irqs","bdf":"0000:01:00.0","index":2,"action":"trigger","data_type":"eventfd","start":1,"count":2,"eventfds":["irq2.1","irq2.2"],"argsz":28,"flags":36}""")]
    [InlineData(
        "set_irqs ep 0 unmask eventfd 0 1 fd=-1",
        """{"op":"set_irqs","bdf":"0000:01:00.0","index":0,"action":"unmask","data_type":"eventfd","start":0,"count":1,"eventfds":[-1],"argsz":24,"flags":20}""")]
    [InlineData(
        "set_irqs ep 2 trigger bool 0 3",
        """{"op":"set_irqs","bdf":"0000:01:00.0","index":2,"action":"trigger","data_type":"bool","start":0,"count":3,"value":"010101","argsz":23,"flags":34}""")]
    [InlineData("hot_reset ep", """{"op":"hot_reset","bdf":"0000:01:00.0","groups":"all"}""")]
    [InlineData("close ep keep", """{"op":"close","bdf":"0000:01:00.0","keep_mappings":true}""")]
    [InlineData("sysfs_write ep reset_method pm bus", """{"op":"sysfs_write","bdf":"0000:01:00.0","attr":"reset_method","value":"pm bus"}""")]
    [InlineData("info ep null=1", """{"op":"info","bdf":"0000:01:00.0","arg":"null"}""")]
    [InlineData("irq ep msi 3", """{"op":"irq","bdf":"0000:01:00.0","kind":"msi","vector":3}""")]
    [InlineData("sleep 100", """{"op":"sleep","ms":100}""")]
    public void A_line_is_an_event_without_answers(string line, string asked)
    {
        VfioMachine machine = OpenMachine();

        ScenarioStep step = new ScenarioLanguage(["ep"]).Read("line", 1, line).Single();

        (JsonObject? said, string? obstacle) = step.On(machine);
        obstacle.Should().BeNull();
        JsonNode.DeepEquals(said, JsonNode.Parse(asked)).Should().BeTrue("it is {0}", said!.ToJsonString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("# open ep")]
    [InlineData("#open ep")]
    public void An_empty_line_and_a_comment_ask_for_nothing(string line) =>
        new ScenarioLanguage(["ep"]).Read("line", 1, line).Should().BeEmpty();

    [Fact]
    public void A_sweep_is_one_read_after_the_other() => new ScenarioLanguage(["ep"])
        .Read("line", 1, "cfg_sweep ep PM 6 2")
        .Select(step => step.On(OpenMachine()).Asked!["off"]!.GetValue<long>())
        .Should().Equal(200, 202, 204);

    [Theory]
    [InlineData("opn ep", 1, "expected one of bind, unbind, open,")]
    [InlineData("  open", 7, "expected a function: rp, ep, or an address, found the end of the line")]
    [InlineData("open ep0", 6, "expected a function: rp, ep, or an address, found \"ep0\"")]
    [InlineData("open ep twice", 9, "expected the end of the line, found \"twice\"")]
    [InlineData("cfg_read ep PN+4 2", 13, "expected an offset: a number, or PM, VPD,")]
    [InlineData("cfg_read ep PM+x 2", 13, "expected an offset:")]
    [InlineData("cfg_read ep 4", 14, "expected length, a number, found the end of the line")]
    [InlineData("cfg_read ep 4 5000", 15, "expected length, a number up to 4096, found \"5000\"")]
    [InlineData("cfg_read ep 4 -1", 15, "expected length, a number up to 4096, found \"-1\"")]
    [InlineData("cfg_write ep 4 060", 16, "expected up to 4096 bytes, two hexadecimal digits each, found \"060\"")]
    [InlineData("bar_read ep MEM 0 4", 13, "expected a BAR: a number, M")]
    [InlineData("mmap_read ep M 0 3", 18, "expected one of 1, 2, 4, 8, found \"3\"")]
    [InlineData("feature ep probe|put 3", 12, "expected one of probe, get, set, found \"put\"")]
    [InlineData("feature ep set 3 size=9", 18, "expected one of efd=, argsz=, flags=, null=, edge=, found \"size=9\"")]
    [InlineData("feature ep set 3 argsz=big", 24, "expected argsz, a number up to 4294967295, found \"big\"")]
    [InlineData("hot_reset ep groups=mine", 21, "expected one of own, all, none, bad, found \"mine\"")]
    [InlineData("irq ep msi", 11, "expected vector, a number, found the end of the line")]
    [InlineData("sleep long", 7, "expected milliseconds, a number up to 4294967295, found \"long\"")]
    [InlineData("sleep 1 2", 9, "expected the end of the line, found \"2\"")]
    [InlineData("unbind ep argsz=4", 11, "expected the end of the line, found \"argsz=4\"")]
    [InlineData("bind ep argsz=4", 9, "expected one of driver=, found \"argsz=4\"")]
    public void A_mistake_is_told_with_its_place_and_what_was_expected(string line, int column, string problem) =>
        FluentActions.Invoking(() => new ScenarioLanguage(["rp", "ep"]).Read("a.sc", 7, line))
            .Should().Throw<ScenarioException>().WithMessage($"a.sc:7:{column}: {problem}*");

    private static VfioMachine OpenMachine()
    {
        VfioMachine machine = VfioMachine.Create(ScenarioTopology.Named("b").CreateHeader(KernelProfile.Linux6_1, new ScenarioHead()));
        machine.Host.VfioPci.Bind(machine.Host[Address]).Open();
        return machine;
    }
}
