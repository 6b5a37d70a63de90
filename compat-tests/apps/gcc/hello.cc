#include <algorithm>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

int main()
{
	std::map<std::string, int> m{ { "one", 1 }, { "two", 2 } };
	std::vector<int> v{ 3, 1, 2 };
	std::sort(v.begin(), v.end());
	std::thread t([&] { m["three"] = v.back(); });
	t.join();
	try {
		throw std::runtime_error("thrown");
	} catch (const std::exception &e) {
		std::cout << e.what();
	}
	for (auto &[k, x] : m)
		std::cout << ' ' << k << '=' << x;
	std::cout << std::endl;
}
