import java.io.*;
import java.net.*;
import java.nio.channels.*;
import java.nio.file.*;
import java.security.MessageDigest;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;
import java.util.zip.*;

public class App {
	record Item(String name, int price) {}

	static long work(int n) {
		long s = 0;
		for (int i = 0; i < n; i++)
			s += (long) i * i % 13;
		return s;
	}

	static void threads() throws Exception {
		ExecutorService pool = Executors.newFixedThreadPool(8);
		List<Future<Long>> futures = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			final int n = i * 1000;
			futures.add(pool.submit(() -> work(n)));
		}
		long total = 0;
		for (Future<Long> f : futures)
			total += f.get();
		pool.shutdown();
		System.out.println("threads " + total + " " + pool.awaitTermination(1, TimeUnit.SECONDS));
		System.out.println(IntStream.rangeClosed(1, 100000).parallel().mapToLong(x -> x * 3L % 7).sum());
	}

	static void garbage() {
		Map<Integer, byte[]> m = new HashMap<>();
		for (int i = 0; i < 200000; i++)
			m.put(i % 300, new byte[i % 5000]);
		System.gc();
		System.out.println("garbage " + m.values().stream().mapToInt(b -> b.length).sum());
	}

	static void files() throws Exception {
		Path d = Files.createTempDirectory("app");
		for (int i = 0; i < 10; i++)
			Files.writeString(d.resolve("f" + i), "x".repeat(i * 100));
		try (Stream<Path> s = Files.list(d)) {
			System.out.println("files " + s.mapToLong(p -> p.toFile().length()).sum());
		}
		try (RandomAccessFile f = new RandomAccessFile(d.resolve("f9").toFile(), "rw")) {
			var map = f.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, 900);
			map.put(0, (byte) 'Y');
			map.force();
		}
		System.out.println(Files.readString(d.resolve("f9")).substring(0, 3));
		ByteArrayOutputStream z = new ByteArrayOutputStream();
		try (GZIPOutputStream g = new GZIPOutputStream(z)) {
			g.write("compress me".repeat(1000).getBytes());
		}
		byte[] back = new GZIPInputStream(new ByteArrayInputStream(z.toByteArray())).readAllBytes();
		System.out.println(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(back)));
	}

	static void processes() throws Exception {
		Process p = new ProcessBuilder("tr", "a-z", "A-Z").start();
		try (OutputStream o = p.getOutputStream()) {
			o.write("through a process\n".getBytes());
		}
		System.out.print(new String(p.getInputStream().readAllBytes()));
		System.out.println(p.waitFor() + " " + new ProcessBuilder("sh", "-c", "exit 5").start().waitFor());
	}

	static void sockets() throws Exception {
		try (ServerSocketChannel server = ServerSocketChannel.open()) {
			server.bind(new InetSocketAddress("127.0.0.1", 0));
			Thread t = new Thread(() -> {
				try (Socket s = server.accept().socket()) {
					s.getOutputStream().write(new BufferedReader(new InputStreamReader(s.getInputStream())).readLine().toUpperCase().getBytes());
				} catch (IOException e) {
					e.printStackTrace();
				}
			});
			t.start();
			try (Socket c = new Socket("127.0.0.1", ((InetSocketAddress) server.getLocalAddress()).getPort())) {
				c.getOutputStream().write("hello over tcp\n".getBytes());
				System.out.println(new String(c.getInputStream().readAllBytes()));
			}
			t.join();
		}
	}

	public static void main(String[] args) throws Exception {
		System.out.println(Stream.of(new Item("pear", 3), new Item("fig", 12)).sorted(Comparator.comparing(Item::price).reversed())
				.map(Item::toString).collect(Collectors.joining(", ")));
		threads();
		if (args.length > 0)
			return;
		garbage();
		files();
		try {
			Object o = null;
			o.hashCode();
		} catch (NullPointerException e) {
			System.out.println("null pointer caught");
		}
		try {
			overflow(0);
		} catch (StackOverflowError e) {
			System.out.println("stack overflow caught");
		}
		processes();
		sockets();
		System.out.println(Runtime.version().feature());
	}

	static int overflow(int n) {
		return overflow(n + 1) + 1;
	}
}
